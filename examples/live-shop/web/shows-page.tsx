import { useEffect, useState, type ReactNode } from 'react';
import { buyerPath } from './routes.ts';
import { trpc } from './trpc.ts';

type Shows = Awaited<ReturnType<typeof trpc.shows.onAir.query>>;

const POLL_MS = 5_000;

/** The shows that are on air. */
export function ShowsPage(): ReactNode {
  const { shows, failed } = useShows();
  return (
    <>
      <h1>On air</h1>
      {failed && <p role="alert">The list cannot be loaded now. Another attempt follows by itself.</p>}
      {shows?.length === 0 && <p className="quiet">No show is on air. This list updates itself.</p>}
      <ul className="shows">
        {shows?.map(({ id, startedAt }) => (
          <li key={id}>
            <a className="card" href={buyerPath(id)}>
              <span className="live">Live</span>
              <strong>Channel {id}</strong>
              {startedAt !== null && <span className="quiet">since {timeOf(startedAt)}</span>}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

function useShows(): { readonly shows: Shows | undefined; readonly failed: boolean } {
  const [state, setState] = useState<{ readonly shows: Shows | undefined; readonly failed: boolean }>({
    shows: undefined,
    failed: false,
  });
  useEffect(() => {
    const poll = (): void => {
      trpc.shows.onAir.query().then(
        (shows) => {
          setState({ shows, failed: false });
        },
        () => {
          setState(({ shows }) => ({ shows, failed: true }));
        },
      );
    };
    poll();
    const timer = setInterval(poll, POLL_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return state;
}

const timeOf = (at: string): string =>
  new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
