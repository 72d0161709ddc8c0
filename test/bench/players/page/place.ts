/** The address of the stream, which every page has as `?src=`. */
export function streamAddress(): string {
  return new URLSearchParams(location.search).get('src') ?? '';
}

/** The element that each player fills. */
export function playerRoot(): HTMLElement {
  const root = document.getElementById('player');
  if (root === null) throw new Error('the page has no #player');
  return root;
}
