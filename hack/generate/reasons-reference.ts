import { reasons } from '../../src/api/reasons.ts';
import { code, generatedNotice, table } from './markdown.ts';

/** docs/reference/reasons.md: the closed list of reasons. */
export function reasonsReference(): string {
  return [
    generatedNotice,
    '# Reasons\n',
    "Conditions of LiveChannels and StreamingPlatforms, events, and the relays' termination messages carry one of these.\n",
    `${table(
      ['Reason', 'Meaning'],
      Object.entries(reasons).map(([reason, meaning]) => [code(reason), meaning]),
    )}\n`,
  ].join('\n');
}
