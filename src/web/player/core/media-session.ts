/** What the system's media controls show. */
export interface MediaDescription {
  readonly title: string;
  /** Address of an image. */
  readonly poster?: string | undefined;
}

interface MediaHandlers {
  play(): void;
  pause(): void;
}

const actions = ['play', 'pause', 'stop'] as const;

/** Connects the system's media controls: keys, lock screen, headset. A live stream offers no seeking. Returns how to stop. */
export function connectMediaSession(
  { title, poster }: MediaDescription,
  handlers: MediaHandlers,
): () => void {
  if (!('mediaSession' in navigator)) return () => undefined;
  const session = navigator.mediaSession;
  session.metadata = new MediaMetadata({ title, artwork: poster === undefined ? [] : [{ src: poster }] });
  for (const action of actions)
    session.setActionHandler(action, () => handlers[action === 'play' ? 'play' : 'pause']());
  return () => {
    session.metadata = null;
    for (const action of actions) session.setActionHandler(action, null);
  };
}
