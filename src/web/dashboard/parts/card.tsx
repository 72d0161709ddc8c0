import type { ReactNode } from 'react';

interface CardProps {
  readonly title: string;
  readonly children: ReactNode;
}

/** A figure and what is said about it. */
export function Card({ title, children }: CardProps): ReactNode {
  return (
    <section className="card" aria-label={title}>
      <h2 className="card-title">{title}</h2>
      {children}
    </section>
  );
}
