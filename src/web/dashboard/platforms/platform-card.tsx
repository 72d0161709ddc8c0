import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useWords } from '../app-context.ts';
import { meaningOf, whatToDo } from '../channel/what-next.ts';
import { Figure, Unknown } from '../parts/figure.tsx';
import { ToneMark } from '../parts/tone-mark.tsx';
import type { PlatformView } from '../service/procedures.ts';
import { fill, isKeyOf } from '../text/words.ts';
import { quotaUse } from './quota-use.ts';

/** One platform: whether it can be used, why not, what to do, and how full it is. */
export function PlatformCard({ platform }: { readonly platform: PlatformView }): ReactNode {
  const { texts, count } = useWords();
  const text = texts.platforms;
  const { name, provider, isDefault, ready, channels, quota } = platform;
  const title = `platform-${name}`;
  return (
    <section className="card" aria-labelledby={title}>
      <div className="section-head">
        <h2 id={title} className="long">
          {name}
        </h2>
        {isDefault && (
          <span className="badge" title={text.defaultHint}>
            {text.isDefault}
          </span>
        )}
      </div>
      <p className="strong">
        <ToneMark tone={ready ? 'good' : 'poor'}>{ready ? text.ready : text.notReady}</ToneMark>
      </p>
      <Reason platform={platform} />
      <dl className="facts numbers">
        <dt>{text.provider}</dt>
        <dd>{isKeyOf(text.providers, provider) ? text.providers[provider] : provider}</dd>
        <dt>{text.streams}</dt>
        <dd>
          <Streams quota={quota} />
        </dd>
        <dt>{text.orphans}</dt>
        <dd>
          {quota.orphans === null || quota.orphans === 0 ? (
            <Figure value={quota.orphans} />
          ) : (
            <>
              <ToneMark tone="fair">
                <Figure value={quota.orphans} />
              </ToneMark>
              <span className="quiet block">
                {meaningOf('OrphanedStreams')} {whatToDo('OrphanedStreams')}
              </span>
            </>
          )}
        </dd>
        <dt>{text.channels}</dt>
        <dd>
          {channels === 0 ? (
            text.noChannels
          ) : (
            <Link to="/" search={{ platform: name }}>
              {count(text.showChannels, channels)}
            </Link>
          )}
        </dd>
      </dl>
    </section>
  );
}

/** The condition Ready in words: what it means, what the operator says, what to do. */
function Reason({ platform: { ready, reason, message } }: { readonly platform: PlatformView }): ReactNode {
  const { texts } = useWords();
  const advice = ready ? undefined : whatToDo(reason);
  return (
    <>
      <p>
        {meaningOf(reason)} <code className="quiet">{reason}</code>
      </p>
      {message !== '' && <p className="quiet long">{message}</p>}
      {advice !== undefined && (
        <p>
          <strong>{texts.channel.whatToDo}:</strong> {advice}
        </p>
      )}
    </>
  );
}

/** Streams now against the quota. A count that may be old says since when. */
function Streams({ quota }: { readonly quota: PlatformView['quota'] }): ReactNode {
  const { texts, number, dateTime } = useWords();
  const text = texts.platforms;
  const { used, limit, staleSince } = quota;
  const { share, full } = quotaUse(quota);
  if (used === null) return <Unknown />;
  return (
    <>
      {limit === null
        ? fill(text.noLimit, { used: number(used) })
        : fill(text.streamsOf, { used: number(used), limit: number(limit) })}
      {share !== undefined && (
        <div
          className="meter"
          role="meter"
          aria-label={text.streamMeter}
          aria-valuemin={0}
          aria-valuemax={limit ?? undefined}
          aria-valuenow={used}
        >
          <div className="meter-used" data-full={full} style={{ inlineSize: `${share * 100}%` }} />
        </div>
      )}
      {full && <span className="block">{text.full}</span>}
      {staleSince !== null && (
        <span className="quiet block">{fill(text.stale, { time: dateTime(Date.parse(staleSince)) })}</span>
      )}
    </>
  );
}
