import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { useApp } from '../app-context.ts';
import { Failure, Loading } from '../parts/notices.tsx';
import { LoginPage } from './login-page.tsx';

/**
 * Shows the pages to whom is logged in, and the login in their place to everyone else: the address stays, so that a deep
 * link leads where it should afterwards. The stream of events runs while there is a session.
 */
export function SessionGate({ children }: { readonly children: ReactNode }): ReactNode {
  const { feed, queries, words } = useApp();
  const session = useQuery(queries.session);
  const signedIn = session.data !== undefined && session.data !== null;
  const [wasSignedIn, setWasSignedIn] = useState(false);
  useEffect(() => {
    if (!signedIn) return undefined;
    feed.start();
    return () => {
      setWasSignedIn(true);
      feed.stop();
    };
  }, [signedIn, feed]);
  if (signedIn) return children;
  return (
    <main className="gate">
      {session.isPending ? (
        <Loading what={words.texts.session.checking} />
      ) : session.isError ? (
        <Failure error={session.error} onRetry={() => void session.refetch()} />
      ) : (
        <LoginPage again={wasSignedIn} />
      )}
    </main>
  );
}
