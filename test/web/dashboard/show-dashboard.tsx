import { act, configure, render } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { createMemoryHistory } from '@tanstack/react-router';
import type { Plot, PlotOptions, PlotView } from '../../../src/web/dashboard/channel/charts/plot.ts';
import { createDashboard } from '../../../src/web/dashboard/dashboard.tsx';
import { en } from '../../../src/web/dashboard/text/en.ts';
import { wordsOf } from '../../../src/web/dashboard/text/words.ts';
import { FakePageService } from './fake-page-service.ts';
import { NOW } from './sample-data.ts';

/** A chart that records what it shows: jsdom has no canvas. */
export class FakePlot implements Plot {
  readonly options: PlotOptions;
  view: PlotView | undefined;
  cursor: number | undefined;

  constructor(options: PlotOptions) {
    this.options = options;
  }

  show(view: PlotView): void {
    this.view = view;
  }

  setCursor(time: number | undefined): void {
    this.cursor = time;
  }

  destroy(): void {}
}

/** What jsdom lacks: it computes no layout, and the table renders the rows that its height has room for. */
function fillDomGaps(): void {
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, value: 600 });
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, value: 1_000 });
  window.scrollTo = () => undefined;
  Object.assign(globalThis, { CSS: { escape: String } });
}

// The machine may be busy.
configure({ asyncUtilTimeout: 8_000 });

/** Opens the dashboard at an address, as a browser would. */
export function showDashboard(path = '/dashboard', service = new FakePageService()) {
  fillDomGaps();
  const plots: FakePlot[] = [];
  const time = { now: NOW };
  const history = createMemoryHistory({ initialEntries: [path] });
  const user = userEvent.setup();
  const view = render(
    createDashboard({
      origin: 'https://live.example',
      fetch: service.fetch,
      EventSource: service.EventSource,
      words: wordsOf(en, 'UTC'),
      openPlot: async (_element, options) => {
        const plot = new FakePlot(options);
        plots.push(plot);
        return plot;
      },
      now: () => time.now,
      random: () => 0,
      onFrame: (callback) => {
        setTimeout(callback, 0);
      },
      history,
    }),
  );
  /** Does something to the service; the page reacts in its own time. */
  const after = async (change: () => void): Promise<void> => {
    await act(async () => change());
  };
  return { user, service, plots, history, view, time, after };
}
