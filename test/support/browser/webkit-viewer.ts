import { spawn, type ChildProcess } from 'node:child_process';
import { on, once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { firstOfFreePorts } from '../origin/free-ports.ts';
import { eventually } from '../wait/eventually.ts';
import type { Viewer, ViewerPage } from './viewer.ts';
import { WebDriverSession } from './webdriver.ts';

const LIBRARIES = '/usr/lib';

/** WebKitGTK: the engine of Safari, with GStreamer as its decoder, on a virtual screen. */
export class WebKitViewer implements Viewer {
  readonly name = 'webkit';
  readonly #browser: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #parts: AsyncDisposableStack;

  private constructor(browser: string, environment: NodeJS.ProcessEnv, parts: AsyncDisposableStack) {
    this.#browser = browser;
    this.#environment = environment;
    this.#parts = parts;
  }

  static async open(): Promise<WebKitViewer> {
    await using parts = new AsyncDisposableStack();
    const home = await mkdtemp(join(tmpdir(), 'livechannel-webkit-'));
    parts.defer(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
    const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x720x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    parts.defer(() => end(screen));
    const environment = {
      ...process.env,
      DISPLAY: `:${await displayOf(screen)}`,
      HOME: home,
      XDG_RUNTIME_DIR: home,
      // As root there is no sandbox, and without a graphics card no DMA buffer.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
      WEBKIT_DISABLE_DMABUF_RENDERER: '1',
    };
    return new WebKitViewer(await findBrowser(), environment, parts.move());
  }

  /** With a driver of its own, because a driver has one session. */
  async open(address: string): Promise<ViewerPage> {
    await using parts = new AsyncDisposableStack();
    const port = await firstOfFreePorts(1);
    const driver = spawn('WebKitWebDriver', [`--port=${String(port)}`], {
      stdio: 'ignore',
      env: this.#environment,
      // A group of its own: a driver that is ended leaves its browser behind.
      detached: true,
    });
    parts.defer(() => endGroup(driver));
    const url = `http://127.0.0.1:${String(port)}`;
    await eventually('WebKitWebDriver is ready', 30, () => fetch(`${url}/status`).then(({ ok }) => ok));
    const session = await WebDriverSession.start(url, {
      'webkitgtk:browserOptions': { binary: this.#browser, args: ['--automation'] },
    });
    await session.goTo(address);
    const kept = parts.move();
    return {
      evaluate: (expression) => session.evaluate(expression),
      [Symbol.asyncDispose]: () => kept.disposeAsync(),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.disposeAsync();
  }
}

/** MiniBrowser, in the folder of the machine's architecture. */
async function findBrowser(): Promise<string> {
  for (const folder of await readdir(LIBRARIES)) {
    const path = join(LIBRARIES, folder, 'webkit2gtk-4.1');
    const files: readonly string[] = await readdir(path).catch(() => []);
    if (files.includes('MiniBrowser')) return join(path, 'MiniBrowser');
  }
  throw new Error('there is no MiniBrowser of webkit2gtk-4.1 in /usr/lib; install libwebkit2gtk-4.1-0');
}

/** The number of the screen, which Xvfb chooses. Its output stays open: writing to a closed one would end Xvfb. */
async function displayOf(screen: ChildProcess): Promise<string> {
  const output = screen.stdio[3];
  if (!(output instanceof Readable)) throw new Error('Xvfb has no output');
  const chunks = on(output.setEncoding('utf8'), 'data', { signal: AbortSignal.timeout(30_000) });
  for await (const [chunk] of chunks) {
    const [number] = /^\d+/.exec(String(chunk)) ?? [];
    if (number !== undefined) return number;
  }
  throw new Error('Xvfb has not said the number of its screen');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}

async function endGroup(leader: ChildProcess): Promise<void> {
  if (leader.pid === undefined) return;
  const exited = leader.exitCode === null && leader.signalCode === null ? once(leader, 'exit') : undefined;
  process.kill(-leader.pid, 'SIGKILL');
  await exited;
}
