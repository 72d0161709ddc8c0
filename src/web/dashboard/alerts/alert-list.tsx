import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { alertKinds, type AlertView } from '../../../api/alerts.ts';
import { useWords } from '../app-context.ts';
import { ToneMark } from '../parts/tone-mark.tsx';
import { fill, isKeyOf } from '../text/words.ts';
import { severityTones } from './severity-tones.ts';

interface AlertListProps {
  readonly alerts: readonly AlertView[];
  /** Whether each alert names its channel. */
  readonly withChannel: boolean;
}

/** Alerts, each with what to do about it. */
export function AlertList({ alerts, withChannel }: AlertListProps): ReactNode {
  const { texts, dateTime } = useWords();
  return (
    <ul className="plain alerts">
      {alerts.map(({ id, kind, severity, message, raisedAt, channelId, platform }) => (
        <li key={id} className="alert">
          <p>
            <ToneMark tone={severityTones[severity]}>
              <strong>{kind}</strong> ({texts.severity[severity]})
            </ToneMark>{' '}
            {withChannel && channelId !== null && (
              <Link to="/channels/$channelId" params={{ channelId }}>
                {channelId}
              </Link>
            )}
            {withChannel && channelId === null && platform !== null && (
              <span>{fill(texts.alerts.platform, { name: platform })}</span>
            )}
          </p>
          <p>{message}</p>
          {isKeyOf(alertKinds, kind) && <p className="quiet">{alertKinds[kind].whatToDo}</p>}
          <p className="quiet small">{fill(texts.alerts.raised, { time: dateTime(Date.parse(raisedAt)) })}</p>
        </li>
      ))}
    </ul>
  );
}
