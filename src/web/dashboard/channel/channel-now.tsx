import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ChannelView } from '../../../api/channel-view.ts';
import { useApp } from '../app-context.ts';
import { numbersNow } from '../live/numbers-now.ts';
import { Figure, Unknown } from '../parts/figure.tsx';
import { ToneMark } from '../parts/tone-mark.tsx';
import { fill } from '../text/words.ts';

/** The figures of this moment, and how the channel is set. */
export function ChannelNow({ channel }: { readonly channel: ChannelView }): ReactNode {
  const { queries, words } = useApp();
  const { texts, number } = words;
  const { data: numbers } = useQuery(queries.numbers);
  const { relay } = channel;
  const { hlsViewers, agoraViewers, bitrateKbps, health } = numbersNow(channel, numbers);
  const text = texts.channel;
  return (
    <section className="card" aria-labelledby="now">
      <h2 id="now">{text.numbers}</h2>
      <dl className="facts numbers">
        <dt>{texts.table.columns.hlsViewers}</dt>
        <dd className="strong">
          <Figure value={hlsViewers} />
        </dd>
        <dt>{texts.table.columns.agoraViewers}</dt>
        <dd className="strong">
          <Figure value={agoraViewers} />
        </dd>
        <dt>{text.bitrate}</dt>
        <dd>
          <Figure value={bitrateKbps} write={(n) => fill(text.kbps, { n: number(n) })} />
        </dd>
        <dt>{texts.overview.health}</dt>
        <dd>{health === null ? <Unknown /> : <ToneMark tone={health}>{texts.health[health]}</ToneMark>}</dd>
        <dt>{text.restarts}</dt>
        <dd>
          {number(relay.restarts)}
          {relay.lastRestartReason !== null && <span className="quiet"> ({relay.lastRestartReason})</span>}
        </dd>
        <dt>{text.mode}</dt>
        <dd>
          {texts.modes[channel.streamMode]}
          {channel.effectiveStreamMode !== null && channel.effectiveStreamMode !== channel.streamMode && (
            <>, {fill(text.modeNow, { mode: texts.modes[channel.effectiveStreamMode] })}</>
          )}
          {channel.modeReason !== null && <span className="quiet block">{channel.modeReason}</span>}
        </dd>
        <dt>{text.platform}</dt>
        <dd>{channel.platform ?? <Unknown />}</dd>
        <dt>{text.caps}</dt>
        <dd>
          {channel.maxVideoBitrateKbps === null
            ? channel.maxResolution
            : `${channel.maxResolution}, ${fill(text.kbps, { n: number(channel.maxVideoBitrateKbps) })}`}
        </dd>
        <dt>{text.standby}</dt>
        <dd>{channel.standby ? text.standbyOn : text.standbyOff}</dd>
      </dl>
      {relay.startedAt !== null && (
        <p className="quiet">
          {fill(text.onAirSince, { time: words.dateTime(Date.parse(relay.startedAt)) })}
        </p>
      )}
    </section>
  );
}
