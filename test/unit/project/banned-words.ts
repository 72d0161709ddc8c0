/** A word or form that the project's texts do not use, and its replacement. */
export interface BannedWord {
  /** As listed in docs/contribute/writing-docs.md; wording.test.ts compares the page with this table. */
  readonly words: string;
  readonly instead: string;
  readonly pattern: RegExp;
}

/** Signs of a sentence to rewrite. Code spans and code blocks are exempt. */
export const bannedWords: readonly BannedWord[] = [
  { words: '`anew`', instead: 'again; or name what is created', pattern: /\banew\b/gi },
  { words: '`for ever`', instead: 'without a limit', pattern: /\bfor ever\b|\bforever\b/gi },
  {
    words: '`so long`, `so often` (as a duration)',
    instead: 'for 30 s; every 30 s; for that time',
    pattern: /\bso (long|often)\b/gi,
  },
  { words: '`any more`', instead: 'no longer', pattern: /\bany ?more\b/gi },
  {
    words: '`nobody`, `somebody`, `whoever`',
    instead: 'who it is; or the passive voice',
    pattern: /\b(nobody|somebody|whoever)\b/gi,
  },
  { words: '`for want of`', instead: 'because there is no', pattern: /\bwant of\b/gi },
  { words: "`of one's own`", instead: 'your own; separate', pattern: /\bof one's own\b/gi },
  { words: '`it plays`', instead: 'it can be played; playback starts', pattern: /\bit plays\b/gi },
  {
    words: '`is made` (for created), `gives` (for returns)',
    instead: 'created, returns',
    pattern:
      /(?<!decision )\b(is|are|was|were|been|being|be) made\b(?! (of|up|for|by hand|public))|\bgives\b(?! up)/gi,
  },
  {
    words: '`asks` (for requires, requests, polls)',
    instead: 'requires, requests, polls',
    pattern: /\basks\b/gi,
  },
  {
    words: '`tells`, `told` (of programs)',
    instead: 'report, notify, log, emit',
    pattern: /\b(tells|told)\b/gi,
  },
  { words: '`looks` (for polls or checks)', instead: 'poll, probe, check, watch', pattern: /\blooks\b/gi },
  { words: '`the other one`', instead: 'its name', pattern: /\bthe other one\b/gi },
  {
    words: '`rests` (for idle), `wakes`',
    instead: 'idle; resume',
    pattern: /\b(rests|wakes?|woken|woke)\b/gi,
  },
  {
    words: '`moves`, `moving` (of a channel)',
    instead: 'migrate, migration',
    pattern: /\b(channels?|shows?|it) (is |are )?(moves?|moved|moving)\b/gi,
  },
  {
    words: '`hand-over`, `takes over` (of relays)',
    instead: 'failover',
    pattern: /\bhand-?overs?\b|\b(takes?|took|taken|taking) over\b/gi,
  },
  {
    words: '`picture`',
    instead: 'frame, image or video',
    pattern: /(?<!picture-in-)\bpictures?\b(?! order|-in-picture)/gi,
  },
  { words: '`key frame`', instead: 'keyframe', pattern: /\bkey[ -]frames?\b/gi },
  {
    words: '`80 % are spent`',
    instead: '80% has been spent',
    pattern: /\d\s%|% (of [\w. ]+ )?are\b/gi,
  },
];
