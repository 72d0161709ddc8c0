/** What the benchmark calls in a page, of the dashboard or of a rival. */
interface Measures {
  /** Times between frames while `each` is called before every one of them. */
  frames: (seconds: number, each?: (frame: number) => void) => Promise<number[]>;
  /** Scrolls the element down and up again, frame by frame. */
  scroll: (selector: string, seconds: number) => Promise<number[]>;
  /** Types text into the field, and waits until `rows` says so many. Milliseconds until the frame after that. */
  filter: (selector: string, text: string, rows: number) => Promise<number>;
}

const SCROLL_PX = 60;
const GIVE_UP_MS = 10_000;

const nextFrame = (): Promise<number> => new Promise((resolve) => void requestAnimationFrame(resolve));

function found(selector: string): HTMLElement {
  const element = document.querySelector<HTMLElement>(selector);
  if (element === null) throw new Error(`the page has no ${selector}`);
  return element;
}

const rowCount = (): number =>
  Number(document.querySelector('[role=table]')?.getAttribute('aria-rowcount') ?? 1) - 1;

const measures: Measures = {
  async frames(seconds, each = () => undefined) {
    const times: number[] = [];
    const end = performance.now() + seconds * 1_000;
    let last = await nextFrame();
    for (let frame = 0; performance.now() < end; frame += 1) {
      each(frame);
      const now = await nextFrame();
      times.push(now - last);
      last = now;
    }
    return times;
  },
  scroll(selector, seconds) {
    const element = found(selector);
    let step = SCROLL_PX;
    return measures.frames(seconds, () => {
      const before = element.scrollTop;
      element.scrollTop += step;
      if (element.scrollTop === before) step = -step;
    });
  },
  async filter(selector, text, rows) {
    const field = found(selector);
    if (!(field instanceof HTMLInputElement)) throw new Error(`${selector} is no field`);
    const begun = performance.now();
    // As a key does: React listens to the event and compares with the value that it set itself.
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(field, text);
    field.dispatchEvent(new Event('input', { bubbles: true }));
    while (rowCount() !== rows) {
      if (performance.now() - begun > GIVE_UP_MS) throw new Error(`there are ${String(rowCount())} rows`);
      await nextFrame();
    }
    // The frame after this one shows it.
    await nextFrame();
    return performance.now() - begun;
  },
};

Object.assign(globalThis, { measures });
