import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { liveChannelConditionTypes } from '../../../src/api/live-channel.ts';
import { reasons } from '../../../src/api/reasons.ts';
import { readDoc } from '../../support/docs/markdown-blocks.ts';

/** Pages that an on-call engineer reads: what they name has to be there, and each reason has to be on one of them. */
const pages = [
  'failure-modes.md',
  'operate/conditions.md',
  'operate/troubleshooting.md',
  'operate/audit.md',
  'install/monitoring.md',
];

/** Words in the form of a reason that are none: conditions of both resources, and what Kubernetes calls things. */
const otherWords: ReadonlySet<string> = new Set([
  ...liveChannelConditionTypes,
  'OrphanedStreams',
  'LiveChannel',
  'StreamingPlatform',
  'CrashLoopBackOff',
  'ImagePullBackOff',
]);

const isReason = (word: string): boolean => Object.hasOwn(reasons, word);

/** `IngestRejected`, and the word before a colon in `Idle: There was no host`. */
const reasonsIn = (page: string): string[] =>
  [...page.matchAll(/`([A-Z][a-zA-Z]*[a-z][A-Z][a-zA-Z]*)(?::[^`]*)?`/g)].map(([, word = '']) => word);

describe('the pages about what goes wrong', () => {
  test.each(pages)('docs/%s names reasons that there are', async (name) => {
    const named = reasonsIn(await readDoc(name)).filter((word) => !otherWords.has(word));
    expect([...new Set(named)].filter((word) => !isReason(word))).toEqual([]);
  });

  test.each(pages)('docs/%s names metrics that there are', async (name) => {
    const known = new Set((await readDoc('reference/metrics.md')).match(/\blivechannel_\w+/g));
    const named = (await readDoc(name)).match(/\blivechannel_\w+/g) ?? [];
    expect([...new Set(named)].filter((metric) => !known.has(metric) && !tables.has(metric))).toEqual([]);
  });

  test('leave out no reason', async () => {
    const text = (await Promise.all(pages.map(readDoc))).join('\n');
    expect(Object.keys(reasons).filter((reason) => !new RegExp(`\\b${reason}\\b`).test(text))).toEqual([]);
  });
});

/** Of the database. */
const tables: ReadonlySet<string> = new Set([
  'livechannel_alerts',
  'livechannel_api_keys',
  'livechannel_audit',
  'livechannel_costs',
]);

/** Events that need a row, by the words that the row begins with. */
const events = [
  'OOM kill',
  'Container exits, retryable',
  'Container exits, fatal',
  'Eviction',
  'Pod deleted',
  'node drained',
  'Node lost',
  'Image pull fails',
  'Quota or admission refuses the pod',
  'Ingest refuses the key',
  'Ingest unreachable',
  'Media stalled',
  'Platform API down or throttled',
  'Platform full',
  'Platform credentials wrong or revoked',
  'Agora unreachable',
  'Agora refuses the token',
  'Host disappears',
  'Host changes codec',
  'Host changes resolution',
  'No viewers',
  'No operator runs',
  'API server away',
  'Database away',
  'Budget spent',
];

test('docs/failure-modes.md has a row for each event, with no empty answer to what to do', async () => {
  const rows = (await readDoc('failure-modes.md')).split('\n').filter((line) => line.startsWith('| **'));
  expect(events.filter((event) => !rows.some((row) => row.includes(`**${event}**`)))).toEqual([]);
  for (const row of rows) {
    const cells = row.split(' | ').map((cell) => cell.trim());
    expect([row.slice(0, 40), cells.length, cells.at(-1)?.replace(/\s*\|$/, '') !== '']).toEqual([
      row.slice(0, 40),
      6,
      true,
    ]);
  }
});

test('docs/operate/troubleshooting.md quotes log messages that the operator writes', async () => {
  const page = await readDoc('operate/troubleshooting.md');
  const [, table = ''] = page.split('| Log message');
  const quoted = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `([^`]+)`/gm)].map(([, text = '']) => text);
  expect(quoted.length).toBeGreaterThan(3);
  const source = resolve(import.meta.dirname, '../../../src');
  const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const all = (await Promise.all(files.map((file) => readFile(join(source, file), 'utf8')))).join('\n');
  const messages = [...quoted, 'reconcile failed; trying again', 'channel step'];
  expect(messages.filter((message) => !all.includes(`'${message}'`))).toEqual([]);
});
