import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ChannelView } from '../../../api/channel-view.ts';
import { useApp } from '../app-context.ts';
import { AlertList } from '../alerts/alert-list.tsx';
import { ToneMark } from '../parts/tone-mark.tsx';
import { stateOf, toneOf } from './channel-state.ts';
import { readyOf, whatToDo } from './what-next.ts';

/** The state in words: what viewers see, why, what happens next, what to do. */
export function StateCard({ channel }: { readonly channel: ChannelView }): ReactNode {
  const { queries, words } = useApp();
  const { texts } = words;
  const { data: alerts } = useQuery(queries.openAlerts);
  const open = (alerts ?? []).filter(({ channelId }) => channelId === channel.id);
  const state = stateOf(channel);
  const { name, what, next } = texts.states[state];
  const ready = readyOf(channel);
  const advice = ready === undefined ? undefined : whatToDo(ready.reason);
  return (
    <section className="card" aria-labelledby="state">
      <h2 id="state" className="state-name">
        <ToneMark tone={toneOf[state]}>{name}</ToneMark>
      </h2>
      <p>{what}</p>
      {ready !== undefined && ready.message !== '' && <p className="quiet">{ready.message}</p>}
      <dl className="facts">
        <dt>{texts.channel.whatNext}</dt>
        <dd>{next}</dd>
        {advice !== undefined && (
          <>
            <dt>{texts.channel.whatToDo}</dt>
            <dd>{advice}</dd>
          </>
        )}
      </dl>
      {open.length > 0 && (
        <>
          <h3>{texts.channel.openAlerts}</h3>
          <AlertList alerts={open} withChannel={false} />
        </>
      )}
    </section>
  );
}
