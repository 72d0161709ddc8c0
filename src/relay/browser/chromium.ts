import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';

/** How to start Chromium. */
export interface ChromiumOptions {
  readonly binary: string;
  readonly extraArguments: readonly string[];
  /** Base64 SHA-256 of public keys to trust in addition to the public certificate authorities. */
  readonly certificatePins: readonly string[];
  /** Folder in which the browsers' profiles are created; the caller removes it. */
  readonly profiles: string;
}

const START_LIMIT_MS = 20_000;
const PAGE_LIMIT_MS = 4_000;

/** The relay does not need the browser's own sandbox: the pod's seccomp profile, user and capabilities isolate it. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  // Avoids processes that a page without video does not need: each takes 8 to 20 MiB.
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
  // Addresses hidden behind mDNS names cannot be reached in networks without multicast.
  '--disable-features=WebRtcHideLocalIpsWithMdns,AudioServiceOutOfProcess,Translate,MediaRouter,OptimizationHints',
];

/** Starts Chromium with one empty page. The connection is a pipe, so there is no open debugging port. */
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
    // Otherwise every message on the page's WebSockets, which carry all media, would also be reported over the pipe.
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

/** Opens the page in the first tab of a new browser. */
export async function openFirstPage(browser: Browser, url: string): Promise<Page> {
  const page = (await browser.pages())[0] ?? (await browser.newPage());
  await page.goto(url, { waitUntil: 'load', timeout: START_LIMIT_MS });
  return page;
}

/**
 * Replaces a page that crashed, hangs or exceeds its memory. Its process is killed, because a page that hangs does
 * not react to a request to close; killing it also frees its memory at once.
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
      // The process has been killed; the tab may be gone, too.
    });
  }
  return page;
}

/** The processes of a browser as the browser lists them: they need not be its children. */
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
 * Requests the browser to close, and kills it with all its processes if it does not within `deadlineMs`. A process
 * that hangs or is stopped would not notice that the others are gone.
 */
export async function closeChromium(browser: Browser, deadlineMs = 1_500): Promise<void> {
  const group = browser.process()?.pid;
  const timer = setTimeout(() => killGroup(group), deadlineMs);
  try {
    await browser.close();
  } catch {
    // The browser has already exited, or the timer kills it; nothing of it is needed any longer.
  } finally {
    clearTimeout(timer);
    killGroup(group);
  }
}

/** puppeteer starts the browser as the leader of a separate process group. */
function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // No process is left.
  }
}
