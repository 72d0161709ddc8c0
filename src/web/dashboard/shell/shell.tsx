import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { useApp } from '../app-context.ts';
import { forgetSession } from '../service/queries.ts';
import { mayUse } from '../service/scope.ts';
import { fill } from '../text/words.ts';
import { FreshnessBadge, useConnection, useFreshness } from './freshness-badge.tsx';
import { LiveBanner } from './live-banner.tsx';
import { pages } from './pages.ts';

/** What surrounds every page. */
export function Shell(): ReactNode {
  const { queries, words } = useApp();
  const { data: session } = useQuery(queries.session);
  const { nav, product, skip } = words.texts;
  const freshness = useFreshness();
  const connection = useConnection();
  const stale = freshness.state === 'stale' || connection === 'down';
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {skip}
      </a>
      <header className="top">
        <span className="brand">{product}</span>
        <nav aria-label={nav.label}>
          {pages
            .filter(({ scope }) => session && mayUse(session, scope))
            .map(({ to, name }) => (
              <Link
                key={to}
                to={to}
                className="nav-link"
                activeOptions={{ exact: to === '/', includeSearch: false }}
              >
                {nav[name]}
              </Link>
            ))}
        </nav>
        <FreshnessBadge />
        <SignOut />
      </header>
      <LiveBanner />
      <main id="content" tabIndex={-1} data-stale={stale}>
        <Outlet />
      </main>
    </div>
  );
}

function SignOut(): ReactNode {
  const { queries, sessions, words } = useApp();
  const client = useQueryClient();
  const { data: session } = useQuery(queries.session);
  const signOut = useMutation({
    mutationFn: () => sessions.logout(),
    onSuccess: () => forgetSession(client),
  });
  const { texts } = words;
  return (
    <div className="account">
      {session && (
        <span className="subject" title={fill(texts.session.signedInAs, { subject: session.subject })}>
          <span className="hidden">{fill(texts.session.signedInAs, { subject: '' })}</span>
          {session.subject}
        </span>
      )}
      <Button className="button" isPending={signOut.isPending} onPress={() => signOut.mutate()}>
        {texts.session.signOut}
      </Button>
    </div>
  );
}
