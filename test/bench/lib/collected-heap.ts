import type { CDPSession } from 'puppeteer-core';

/** What JavaScript of a page in Chromium holds after a collection, in MiB. */
export async function collectedHeapMiB(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / 2 ** 20;
}
