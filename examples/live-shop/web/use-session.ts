import { useCallback, useEffect, useState } from 'react';
import { trpc } from './trpc.ts';

/** Who is logged in, and where pages find the service. */
export type Session = Awaited<ReturnType<typeof trpc.session.current.query>>;

export type SessionState =
  | { readonly type: 'loading' }
  | { readonly type: 'failed' }
  | { readonly type: 'known'; readonly session: Session };

/** The session of this browser, and how to read it again after a change. */
export function useSession(): readonly [SessionState, () => void] {
  const [state, setState] = useState<SessionState>({ type: 'loading' });
  const read = useCallback(() => {
    trpc.session.current.query().then(
      (session) => {
        setState({ type: 'known', session });
      },
      () => {
        setState({ type: 'failed' });
      },
    );
  }, []);
  useEffect(read, [read]);
  return [state, read];
}
