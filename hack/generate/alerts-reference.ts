import { alertKinds } from '../../src/api/alerts.ts';
import { code, generatedNotice, table } from './markdown.ts';

/** docs/reference/alerts.md: the closed list of the kinds of alerts. */
export function alertsReference(): string {
  const rows = Object.entries(alertKinds).map(([kind, entry]) => [
    code(kind),
    entry.severity,
    entry.about,
    entry.raisedWhen,
    entry.resolvedWhen,
    entry.meaning,
    entry.whatToDo,
  ]);
  return [
    generatedNotice,
    '# Alerts\n',
    `The kinds of alerts in \`GET /v1/alerts\`, in the table \`livechannel_alerts\`, in events and in webhooks. Names are stable;
messages are not. [operate/alerts.md](../operate/alerts.md) explains how to respond to each of them.
`,
    `${table(['Kind', 'Severity', 'About', 'Raised when', 'Resolved when', 'Meaning', 'What to do'], rows)}\n`,
  ].join('\n');
}
