import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from '@tanstack/react-router';
import type { Overview } from '../../../server/contract/overview.ts';
import { severityTones } from '../alerts/severity-tones.ts';
import { useApp, useWords } from '../app-context.ts';
import { Card } from '../parts/card.tsx';
import { AtLeast, Figure, Unknown } from '../parts/figure.tsx';
import { Queried } from '../parts/queried.tsx';
import { ToneMark } from '../parts/tone-mark.tsx';
import { fill } from '../text/words.ts';
import { savedShare } from './saved-share.ts';

/** The figures of all channels together. */
export function Summary(): ReactNode {
  const { queries } = useApp();
  const overview = useQuery(queries.overview);
  return <Queried query={overview}>{(data) => <Cards overview={data} />}</Queried>;
}

function Cards({ overview }: { readonly overview: Overview }): ReactNode {
  const { texts, number, count } = useWords();
  const { channels, viewers, health, alerts } = overview;
  const text = texts.overview;
  return (
    <div className="cards">
      <Card title={text.onAir}>
        <p className="big">{number(channels.onAir)}</p>
        <p className="quiet">{count(text.ofWanted, channels.wanted)}</p>
      </Card>
      <Card title={text.viewers}>
        <dl className="pair big">
          <ViewerCount name={text.hls} value={viewers.hls} open={viewers.unknown > 0} />
          <ViewerCount name={text.agora} value={viewers.agora} open={viewers.unknown > 0} />
        </dl>
        {viewers.unknown > 0 && <p className="quiet">{count(text.viewersUnknown, viewers.unknown)}</p>}
      </Card>
      <CostCards costs={overview.costs} />
      <Card title={text.health}>
        <ul className="plain">
          {(['good', 'fair', 'poor', 'unknown'] as const)
            .filter((each) => each === 'good' || health[each] > 0)
            .map((each) => (
              <li key={each}>
                <ToneMark tone={each === 'unknown' ? 'quiet' : each}>
                  {number(health[each])} {texts.health[each]}
                </ToneMark>
              </li>
            ))}
        </ul>
      </Card>
      <Card title={text.alerts}>
        <AlertCounts alerts={alerts} />
      </Card>
    </div>
  );
}

/** A lower bound is marked as one. */
function ViewerCount(props: {
  readonly name: string;
  readonly value: number | null;
  readonly open: boolean;
}) {
  const { number } = useWords();
  const { name, value, open } = props;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value !== null && open ? (
          <>
            <AtLeast />
            {number(value)}
          </>
        ) : (
          <Figure value={value} />
        )}
      </dd>
    </div>
  );
}

function CostCards({ costs }: { readonly costs: Overview['costs'] }): ReactNode {
  const { texts, usd, percent, count } = useWords();
  const text = texts.overview;
  const { perHourUsd, agoraAlonePerHourUsd, savedPerHourUsd, unknown } = costs;
  const share = savedShare(costs);
  return (
    <>
      <Card title={text.cost}>
        <p className="big">{perHourUsd === null ? <Unknown /> : usd(perHourUsd)}</p>
        <p className="quiet">
          {agoraAlonePerHourUsd === null
            ? text.noCost
            : fill(text.agoraAlone, { usd: usd(agoraAlonePerHourUsd) })}
        </p>
        {unknown > 0 && <p className="quiet">{count(text.costUnknown, unknown)}</p>}
      </Card>
      <Card title={text.saved}>
        <p className="big">{savedPerHourUsd === null ? <Unknown /> : usd(savedPerHourUsd)}</p>
        {share !== undefined && (
          <p className="quiet">
            {share < 0 ? text.costsMore : fill(text.savedShare, { percent: percent(share) })}
          </p>
        )}
      </Card>
    </>
  );
}

function AlertCounts({ alerts }: { readonly alerts: Overview['alerts'] }): ReactNode {
  const { texts, number } = useWords();
  if (alerts === null) return <Unknown />;
  const open = (['critical', 'warning', 'info'] as const).filter((severity) => alerts[severity] > 0);
  if (open.length === 0) return <p>{texts.overview.noAlerts}</p>;
  return (
    <Link to="/alerts" className="plain-link">
      {open.map((severity) => (
        <ToneMark key={severity} tone={severityTones[severity]}>
          {number(alerts[severity])} {texts.severity[severity]}
        </ToneMark>
      ))}
    </Link>
  );
}
