import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer-core';

export interface ChromiumOptions {
  readonly binary: string;
  readonly extraArguments: readonly string[];
  /** Base64 SHA-256 of public keys to trust beside the public authorities. */
  readonly certificatePins: readonly string[];
  /** Folder that the browsers' profiles are made in; whoever names it also removes it. */
  readonly profiles: string;
}

/** The relay needs no sandbox of the browser's own: the pod's seccomp, user and capabilities are the walls. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
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
  '--disable-features=WebRtcHideLocalIpsWithMdns,Translate,MediaRouter,OptimizationHints',
];

/** Starts Chromium with one page at `url`. The connection is a pipe: no debugging port is open to anybody. */
export async function startChromium(
  { binary, extraArguments, certificatePins, profiles }: ChromiumOptions,
  url: string,
): Promise<Browser> {
  const pins =
    certificatePins.length === 0
      ? []
      : [`--ignore-certificate-errors-spki-list=${certificatePins.join(',')}`];
  await mkdir(profiles, { recursive: true });
  const profile = await mkdtemp(join(profiles, 'profile-'));
  const browser = await puppeteer.launch({
    executablePath: binary,
    pipe: true,
    ignoreDefaultArgs: true,
    args: [...FLAGS, ...pins, `--user-data-dir=${profile}`, ...extraArguments, 'about:blank'],
    defaultViewport: null,
    // The supervisor decides when the browser ends, in its own order.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    timeout: 20_000,
    protocolTimeout: 20_000,
  });
  try {
    const page = (await browser.pages())[0] ?? (await browser.newPage());
    await page.goto(url, { waitUntil: 'load', timeout: 20_000 });
    return browser;
  } catch (error) {
    await closeChromium(browser);
    throw error;
  }
}

/** Asks it to close, and kills it when it does not within `deadlineMs`. */
export async function closeChromium(browser: Browser, deadlineMs = 1_500): Promise<void> {
  const child = browser.process();
  const timer = setTimeout(() => child?.kill('SIGKILL'), deadlineMs);
  try {
    await browser.close();
  } catch {
    // It was gone already, or it is killed by the timer; either way nothing of it is needed any more.
    child?.kill('SIGKILL');
  } finally {
    clearTimeout(timer);
  }
}
