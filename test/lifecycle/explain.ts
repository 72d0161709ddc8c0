import { readFile } from 'node:fs/promises';
import type { Diary } from './diary.ts';
import type { RoundResult } from './round.ts';

const mostExplained = 3;
const mostLines = 120;

/** All findings and, for the first affected channels, everything known about what happened. */
export async function explain(result: RoundResult, replay: string): Promise<string> {
  const { findings, weather, logPath } = result;
  const about = new Set(findings.flatMap(({ diary }) => (diary === undefined ? [] : [diary])));
  const log = (await readFile(logPath, 'utf8')).split('\n');
  const parts = [
    ...findings.map(({ kind, diary, says }) => `${kind.toUpperCase()} ${diary?.name ?? ''}: ${says}`),
    `faults and crashes:\n${weather.map((line) => `  ${line}`).join('\n')}`,
  ];
  for (const diary of [...about].slice(0, mostExplained))
    parts.push(
      `replay: make test-lifecycle ${replay} ONLY=${String(diary.plan.number)}`,
      `${diary.name}: actions and observations\n${last(diary.lines).join('\n')}`,
      `${diary.name}: operator log\n${last(operatorLines(log, diary)).join('\n')}`,
      `${diary.name}: calls to the platforms\n${last(calls(result, diary)).join('\n')}`,
    );
  return parts.join('\n');
}

function operatorLines(log: readonly string[], { name }: Diary): string[] {
  return log
    .filter((line) => line.includes(`"name":"${name}"`) || !line.startsWith('{'))
    .map((line) => line.slice(0, 700));
}

function calls({ standIns }: RoundResult, diary: Diary): string[] {
  const lives = [...diary.lives.values()];
  return standIns.flatMap(({ provider, journal }) => {
    const words = lives.flatMap(({ uid, ids }) => [uid, ...ids, ...journal.madeFor(uid)]);
    return journal
      .about(words)
      .map(
        ({ at, call, asked, answer, answered }) =>
          `  ${at.toISOString().slice(11, 23)} ${provider} ${call} ${asked.slice(0, 300)} -> ` +
          `${answered ? '' : '(no response) '}${answer?.slice(0, 200) ?? ''}`,
      );
  });
}

const last = (lines: readonly string[]): readonly string[] => lines.slice(-mostLines);
