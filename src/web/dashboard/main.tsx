import './zod-without-eval.ts';
import { createRoot } from 'react-dom/client';
import { createDashboard } from './dashboard.tsx';
import { nextFrame } from './live/event-batch.ts';
import { english } from './text/words.ts';

// React Aria adds a <style> unless an element has this id, and the Content-Security-Policy forbids it. look/base.css has
// the rule instead.
const marker = document.createElement('meta');
marker.id = 'react-aria-pressable-style';
document.head.append(marker);

const root = document.getElementById('dashboard');
if (root !== null)
  createRoot(root).render(
    createDashboard({
      origin: location.origin,
      fetch: (...request) => fetch(...request),
      EventSource,
      words: english,
      openPlot: async (...plot) => {
        const { UPlotPlot } = await import('./channel/charts/uplot-plot.ts');
        return new UPlotPlot(...plot);
      },
      now: Date.now,
      random: Math.random,
      onFrame: nextFrame,
    }),
  );
