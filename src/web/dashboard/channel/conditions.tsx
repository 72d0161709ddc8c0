import type { ReactNode } from 'react';
import type { ChannelView } from '../../../api/channel-view.ts';
import { useWords } from '../app-context.ts';
import { ColumnHeads } from '../parts/column-heads.tsx';
import { ToneMark } from '../parts/tone-mark.tsx';
import type { Tone } from './channel-state.ts';
import { isWarning } from './what-next.ts';

type Condition = ChannelView['conditions'][number];

/** The conditions of the resource, as kubectl shows them. */
export function Conditions({ channel }: { readonly channel: ChannelView }): ReactNode {
  const { texts, dateTime } = useWords();
  const text = texts.channel;
  return (
    <section className="card" aria-labelledby="conditions">
      <h2 id="conditions">{text.conditions}</h2>
      <div className="scroll" tabIndex={0} role="group" aria-labelledby="conditions">
        <table className="data">
          <ColumnHeads titles={[text.condition, text.conditionStatus, text.reason, text.since]} />
          <tbody>
            {channel.conditions.map(({ type, status, reason, message, since }) => (
              <tr key={type}>
                <th scope="row">{type}</th>
                <td>
                  <ToneMark tone={toneOf({ type, status, reason })}>{texts.conditionStatus[status]}</ToneMark>
                </td>
                <td>
                  <code>{reason}</code>
                  <span className="quiet block">{message}</span>
                </td>
                <td className="nowrap">{dateTime(Date.parse(since))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** A reason that is no warning is good where the condition holds, other than a fallback. */
function toneOf({ type, status, reason }: Pick<Condition, 'type' | 'status' | 'reason'>): Tone {
  if (isWarning(reason)) return 'poor';
  return status === 'True' && type !== 'FallbackActive' ? 'good' : 'quiet';
}
