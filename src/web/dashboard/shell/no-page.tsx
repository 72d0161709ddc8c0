import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useWords } from '../app-context.ts';
import { PageTitle } from './page-title.tsx';

export function NoPage(): ReactNode {
  const { texts } = useWords();
  return (
    <>
      <PageTitle>{texts.errors.noPage}</PageTitle>
      <Link to="/" className="button">
        {texts.errors.toOverview}
      </Link>
    </>
  );
}
