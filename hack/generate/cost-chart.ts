import { operatorSettingsSchema } from '../../src/operator/settings.ts';
import { builtInPrices } from '../../src/costs/list-prices.ts';
import {
  breakEvenViewers,
  hourOnAgora,
  hourOnHls,
  hourlyRates,
  type HourlyRates,
} from '../../src/costs/viewer-prices.ts';
import { darkColors, darkPage } from './diagram-colors.ts';
import { pricedSetting } from './diagram-facts.ts';
import { escaped } from './xml-text.ts';

const width = 1000;
const height = 830;
/** Where the lines are drawn. */
const plot = { left: 90, right: 960, top: 70, bottom: 400 };
const mostViewers = 40;

const agoraColor = '#8250df';
const hlsColor = '#0969da';
const mutedColor = '#6e7781';

/**
 * docs/diagrams/auto-mode.svg: what an hour costs on Agora and on HLS, drawn from the price book, and below it what
 * happens at a change of the mode and at the two levels of a budget. A chart, which D2 cannot draw.
 */
export function costChart(): string {
  const rival = hourlyRates(builtInPrices, pricedSetting);
  if (rival === undefined) throw new Error('The price book has no prices of IVS.');
  const { LIVECHANNEL_DRAIN_SECONDS: drain, LIVECHANNEL_MODE_GRACE_SECONDS: grace } =
    operatorSettingsSchema.shape;
  const breakEven = breakEvenViewers(rival);
  const { resolution, tier } = pricedSetting;
  const about = `${resolution}, ${tier} viewers on Agora, Amazon IVS STANDARD, price book ${builtInPrices.version}`;
  const words = {
    title: 'streamMode auto: the cheaper of Agora and HLS',
    description:
      `Cost of an hour against the number of viewers: ${about}. Agora alone is cheaper below ${String(breakEven)} viewers, ` +
      `HLS from there on. A change to Agora alone is announced ${String(grace.parse(undefined))} seconds before, and the relay continues for ` +
      `${String(drain.parse(undefined))} seconds after it. A change to HLS waits until the stream has been on air for 10 seconds. ` +
      'A budget acts at 80% and at 100%.',
  };
  const parts = [
    text(plot.left, 36, 'Cost of one hour', 'strong'),
    text(plot.left + 160, 36, about, 'muted'),
    ...axes(rival),
    ...lines(rival),
    ...crossing(breakEven),
    ...changes(grace.parse(undefined), drain.parse(undefined)),
    ...budget(),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(words.title)}</title><desc>${escaped(words.description)}</desc>`,
    style(),
    `<rect class="page" width="${width}" height="${height}"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function style(): string {
  const dark = (color: string): string => darkColors[color] ?? color;
  const rules = (text: string, page: string, color: (light: string) => string): string =>
    [
      `.page{fill:${page}}`,
      `text{fill:${text};font:16px "Source Sans Pro","Helvetica Neue",Arial,sans-serif}`,
      '.strong{font-weight:700}',
      `.muted{fill:${color(mutedColor)}}`,
      '.middle{text-anchor:middle}',
      '.end{text-anchor:end}',
      `.grid{stroke:${color(mutedColor)};stroke-width:1;stroke-dasharray:2 4}`,
      `.axis{stroke:${color(mutedColor)};stroke-width:1.5}`,
      `.agora{stroke:${color(agoraColor)};stroke-width:3;fill:none}`,
      `.hls{stroke:${color(hlsColor)};stroke-width:3;fill:none}`,
      `.box-agora{stroke:${color(agoraColor)};fill:${color('#fbefff')}}`,
      `.box-hls{stroke:${color(hlsColor)};fill:${color('#ddf4ff')}}`,
      `.box-neutral{stroke:${color(mutedColor)};fill:${color('#f6f8fa')}}`,
      `.box-good{stroke:${color('#1a7f37')};fill:${color('#dafbe1')}}`,
      `.box-warn{stroke:${color('#9a6700')};fill:${color('#fff8c5')}}`,
      `.box-bad{stroke:${color('#cf222e')};fill:${color('#ffebe9')}}`,
    ].join('');
  const light = rules('#0a0f25', '#ffffff', (color) => color);
  return `<style>${light}@media screen and (prefers-color-scheme:dark){${rules('#cdd6f4', darkPage, dark)}}</style>`;
}

const text = (x: number, y: number, words: string, kind = ''): string =>
  `<text x="${x}" y="${y}"${kind === '' ? '' : ` class="${kind}"`}>${escaped(words)}</text>`;
const line = (x1: number, y1: number, x2: number, y2: number, kind: string): string =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" class="${kind}"/>`;

const mostDollars = 10;
const xOf = (viewers: number): number =>
  plot.left + Math.round(((plot.right - plot.left) * viewers) / mostViewers);
const yOf = (microDollars: number): number =>
  plot.bottom - Math.round(((plot.bottom - plot.top) * microDollars) / (mostDollars * 1_000_000));

function axes(rival: HourlyRates): string[] {
  const dollars = [0, 2, 4, 6, 8, 10].flatMap((usd) => {
    const y = yOf(usd * 1_000_000);
    return [
      line(plot.left, y, plot.right, y, usd === 0 ? 'axis' : 'grid'),
      text(plot.left - 10, y + 5, `$${usd}`, 'end muted'),
    ];
  });
  const viewers = [0, 10, 20, 30, 40].map((count) =>
    text(xOf(count), plot.bottom + 24, String(count), 'middle muted'),
  );
  return [
    ...dollars,
    ...viewers,
    text(plot.right, plot.bottom + 46, 'viewers', 'end muted'),
    text(
      plot.left,
      plot.bottom + 46,
      `The relay without a viewer: $${(rival.relay / 1_000_000).toFixed(2)}`,
      'muted',
    ),
  ];
}

function lines(rival: HourlyRates): string[] {
  const path = (cost: (rival: HourlyRates, viewers: number) => number, kind: string): string =>
    line(xOf(0), yOf(cost(rival, 0)), xOf(mostViewers), yOf(cost(rival, mostViewers)), kind);
  return [
    path(hourOnAgora, 'agora'),
    path(hourOnHls, 'hls'),
    text(xOf(30), yOf(hourOnAgora(rival, 30)) - 8, 'all viewers on Agora', 'end strong'),
    text(xOf(39), yOf(hourOnHls(rival, 39)) + 48, 'relay, and viewers on HLS', 'end strong'),
  ];
}

function crossing(breakEven: number | undefined): string[] {
  if (breakEven === undefined) return [];
  const x = xOf(breakEven);
  return [
    line(x, plot.bottom, x, plot.top, 'axis'),
    text(x - 12, plot.top + 18, 'agora-only is cheaper', 'end'),
    text(x + 12, plot.top + 18, `hybrid is cheaper: from ${breakEven} viewers`),
  ];
}

/** A strip of boxes that follow each other in time. */
function strip(
  y: number,
  name: string,
  boxes: readonly (readonly [number, string, string, string?])[],
): string[] {
  const parts = [text(20, y + 29, name, 'strong')];
  let x = 170;
  for (const [boxWidth, kind, first, second] of boxes) {
    const middle = x + boxWidth / 2;
    parts.push(
      `<rect x="${x}" y="${y}" width="${boxWidth}" height="54" rx="6" stroke-width="2" class="box-${kind}"/>`,
    );
    if (second === undefined) parts.push(text(middle, y + 32, first, 'middle'));
    else parts.push(text(middle, y + 23, first, 'middle'), text(middle, y + 43, second, 'middle'));
    x += boxWidth + 4;
  }
  return parts;
}

function changes(grace: number, drain: number): string[] {
  return [
    text(20, 492, 'A change of status.effectiveStreamMode', 'strong'),
    ...strip(508, 'To agora-only', [
      [196, 'hls', 'hybrid'],
      [196, 'hls', 'decided: SSE event', `${grace} s in advance`],
      [196, 'agora', 'agora-only: relay', `drains for ${drain} s`],
      [196, 'agora', 'agora-only:', 'no relay, no push'],
    ]),
    ...strip(572, 'To hybrid', [
      [196, 'agora', 'agora-only'],
      [196, 'agora', 'decided: the', 'relay starts'],
      [196, 'agora', 'on air for less', 'than 10 s'],
      [196, 'hls', 'hybrid'],
    ]),
  ];
}

function budget(): string[] {
  return [
    text(20, 676, 'The condition WithinBudget, and what spec.budget does', 'strong'),
    ...strip(692, 'Spent', [
      [264, 'good', 'less than 80%'],
      [264, 'warn', '80% to 100%'],
      [260, 'bad', '100% or more'],
    ]),
    ...strip(756, 'Reason, action', [
      [264, 'good', 'WithinBudget'],
      [264, 'warn', 'BudgetThresholdReached:', 'actionAt80Percent'],
      [260, 'bad', 'BudgetSpent:', 'actionAt100Percent'],
    ]),
  ];
}
