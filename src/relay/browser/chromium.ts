import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';

export interface ChromiumOptions {
  readonly binary: string;
  readonly extraArguments: readonly string[];
  /** Base64 SHA-256 of public keys to trust beside the public authorities. */
  readonly certificatePins: readonly string[];
  /** Folder that the browsers' profiles are made in; whatever names it also removes it. */
  readonly profiles: string;
}

const START_LIMIT_MS = 20_000;
const PAGE_LIMIT_MS = 4_000;

/** The relay needs no sandbox of the browser's own: the pod's seccomp, user and capabilities are the walls. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  // Processes that one page without video needs not: each has 8 to 20 MiB of its own.
  '--no-zygote',
  '--in-process-gpu',
  '--disable-gpu',
  '--disable-software-rasterizer',
  '--mute-audio',
  '--autoplay-policy=no-user-gesture-required',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-breakpad',
  '--disable-extensions',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--disable-hang-monitor',
  '--disable-ipc-flooding-protection',
  // An address hidden behind an mDNS name cannot be reached where the network has no multicast.
  '--disable-features=WebRtcHideLocalIpsWithMdns,AudioServiceOutOfProcess,Translate,MediaRouter,OptimizationHints',
];

/** Starts Chromium with one empty page. The connection is a pipe: no debugging port is open to anybody. */
export async function startChromium({
  binary,
  extraArguments,
  certificatePins,
  profiles,
}: ChromiumOptions): Promise<Browser> {
  const pins =
    certificatePins.length === 0
      ? []
      : [`--ignore-certificate-errors-spki-list=${certificatePins.join(',')}`];
  await mkdir(profiles, { recursive: true });
  const profile = await mkdtemp(join(profiles, 'profile-'));
  return puppeteer.launch({
    executablePath: binary,
    pipe: true,
    ignoreDefaultArgs: true,
    args: [...FLAGS, ...pins, `--user-data-dir=${profile}`, ...extraArguments, 'about:blank'],
    defaultViewport: null,
    // Otherwise every message on the page's WebSockets, which is all the media, is reported over the pipe, too.
    networkEnabled: false,
    issuesEnabled: false,
    // The supervisor decides when the browser ends, in its own order.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    timeout: START_LIMIT_MS,
    protocolTimeout: START_LIMIT_MS,
  });
}

/** Opens the page in the tab that a new browser has. */
export async function openFirstPage(browser: Browser, url: string): Promise<Page> {
  const page = (await browser.pages())[0] ?? (await browser.newPage());
  await page.goto(url, { waitUntil: 'load', timeout: START_LIMIT_MS });
  return page;
}

/**
 * Puts another page in the place of one that crashed, hangs or has grown too large. Its process is killed, because
 * one that hangs does not hear that it is to close; that also gives its memory back at once.
 */
export async function openAnotherPage(browser: Browser, url: string): Promise<Page> {
  const old = await browser.pages();
  for (const { type, id } of await browserProcesses(browser)) {
    if (type === 'renderer') process.kill(id, 'SIGKILL');
  }
  const page = await browser.newPage();
  await page.goto(url, { waitUntil: 'load', timeout: PAGE_LIMIT_MS });
  for (const each of old) {
    void each.close().catch(() => {
      // Its process is gone; the tab may be, too.
    });
  }
  return page;
}

/** The processes of a browser as it lists them itself: they need not be its children. */
export async function browserProcesses(browser: Browser): Promise<readonly { type: string; id: number }[]> {
  const session = await browser.target().createCDPSession();
  try {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return processInfo;
  } finally {
    await session.detach();
  }
}

/**
 * Asks it to close, and kills it when it does not within `deadlineMs`: with all its processes, of which one that hangs
 * or is stopped does not notice that the others are gone.
 */
export async function closeChromium(browser: Browser, deadlineMs = 1_500): Promise<void> {
  const group = browser.process()?.pid;
  const timer = setTimeout(() => killGroup(group), deadlineMs);
  try {
    await browser.close();
  } catch {
    // It was gone already, or it is killed by the timer; either way nothing of it is needed any longer.
  } finally {
    clearTimeout(timer);
    killGroup(group);
  }
}

/** puppeteer starts the browser as the leader of a process group of its own. */
function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}
