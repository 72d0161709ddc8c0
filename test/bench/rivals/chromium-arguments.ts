/** The arguments that any page with media and without a user needs. */
export function chromiumArguments(profile: string, certificatePins: readonly string[]): string[] {
  return [
    ...['--no-sandbox', '--test-type', '--no-first-run', '--disable-gpu', `--user-data-dir=${profile}`],
    ...['--autoplay-policy=no-user-gesture-required', '--disable-background-networking', '--disable-sync'],
    ...['--disable-component-update', '--disable-background-timer-throttling'],
    ...['--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows'],
    '--disable-features=WebRtcHideLocalIpsWithMdns,Translate',
    `--ignore-certificate-errors-spki-list=${certificatePins.join(',')}`,
  ];
}
