import { reasons, type ReasonActor } from '../../src/api/reasons.ts';
import { code, generatedNotice, table } from './markdown.ts';

const actors: Record<ReasonActor, string> = {
  app: 'App',
  cluster: 'Cluster',
  platform: 'Platform',
};

/** docs/reference/reasons.md: the closed list of reasons. */
export function reasonsReference(): string {
  const rows = Object.entries(reasons).map(([reason, { severity, event, meaning, actor, whatToDo }]) => [
    code(reason),
    severity === 'normal' ? 'Normal' : 'Warning',
    event ? 'yes' : 'no',
    meaning,
    actor === undefined ? '' : actors[actor],
    whatToDo ?? '',
  ]);
  return [
    generatedNotice,
    '# Reasons\n',
    `Conditions of LiveChannels and StreamingPlatforms, events, and the termination messages of relays carry one of these
reasons. Names are stable; messages are not.

- **Severity**: \`Normal\` where nothing is wrong. It is the type of the event that a new reason of \`Ready\` emits.
- **Event**: whether a new reason of \`Ready\` emits an event on the channel. Where it does not, the step that causes it
  emits one, or it is no news.
- **Who acts**: *App* owns the channel and its host, *Cluster* installs and runs the operator, *Platform* has the account
  at the platform. Empty: no action is needed, or the operator acts by itself.
`,
    `${table(['Reason', 'Severity', 'Event', 'Meaning', 'Who acts', 'What to do'], rows)}\n`,
  ].join('\n');
}
