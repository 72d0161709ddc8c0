import type { ReactNode } from 'react';

/** Stands for a frame of a show: bright and dark areas, so that it shows whether words can be read on both. */
export function StillFrame(): ReactNode {
  return (
    <svg viewBox="0 0 160 90" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      <rect width="160" height="90" fill="#e9dcc6" />
      <rect width="58" height="90" fill="#33405a" />
      <path d="M0 72h160v18H0z" fill="#8c5a35" />
      <path d="M26 90c0-24 8-34 20-34s20 10 20 34z" fill="#d64561" />
      <circle cx="46" cy="42" r="13" fill="#f3c7a0" />
      <path d="M96 40h34l6 32H90z" fill="#fff" />
      <path d="M104 40c0-14 18-14 18 0" fill="none" stroke="#c9a227" strokeWidth="3" />
    </svg>
  );
}
