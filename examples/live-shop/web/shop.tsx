import { lazy, Suspense, type ReactNode } from 'react';
import { BuyerPage } from './buyer-page.tsx';
import { LogIn } from './log-in.tsx';
import { routeOf, sellerPath, type Route } from './routes.ts';
import { ShowsPage } from './shows-page.tsx';
import { trpc } from './trpc.ts';
import { useSession, type Session } from './use-session.ts';

/** Buyers do not load what only sellers need. */
const SellerPage = lazy(async () => ({ default: (await import('./seller-page.tsx')).SellerPage }));

export function Shop(): ReactNode {
  const [state, readSession] = useSession();
  if (state.type === 'loading') return <main aria-busy="true" />;
  if (state.type === 'failed')
    return (
      <main>
        <p role="alert">The shop does not answer.</p>
        <button type="button" className="button" onClick={readSession}>
          Try again
        </button>
      </main>
    );
  const { session } = state;
  return (
    <>
      <Header session={session} />
      <main>
        {session.userId === null ? (
          <LogIn onLogIn={readSession} />
        ) : (
          <Page route={routeOf(location.pathname)} session={session} />
        )}
      </main>
    </>
  );
}

/** Leaves the page as well, and with it the seller's camera. */
function logOut(): void {
  const leave = (): void => {
    location.assign('/');
  };
  trpc.session.logOut.mutate().then(leave, leave);
}

function Header({ session: { userId, channels } }: { readonly session: Session }): ReactNode {
  return (
    <header>
      <a href="/" className="brand">
        Live shop
      </a>
      {userId !== null && (
        <nav>
          {channels.map((channelId) => (
            <a key={channelId} href={sellerPath(channelId)}>
              Sell on {channelId}
            </a>
          ))}
          <span className="user">{userId}</span>
          <button type="button" className="button second" onClick={logOut}>
            Log out
          </button>
        </nav>
      )}
    </header>
  );
}

function Page({
  route,
  session: { serviceUrl, channels },
}: {
  readonly route: Route;
  readonly session: Session;
}): ReactNode {
  if (route.page === 'shows') return <ShowsPage />;
  const props = { channelId: route.channelId, api: serviceUrl };
  if (route.page === 'buyer') return <BuyerPage {...props} />;
  if (!channels.includes(route.channelId))
    return <p role="alert">Channel {route.channelId} is another seller&apos;s. Log in as its seller.</p>;
  return (
    <Suspense>
      <SellerPage {...props} />
    </Suspense>
  );
}
