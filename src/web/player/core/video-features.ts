import type { Feature } from './snapshot.ts';

/** What WebKit has beside the standard: iPhones have full screen for the video element alone. */
interface WebKitVideo {
  readonly webkitSupportsFullscreen?: boolean;
  readonly webkitDisplayingFullscreen?: boolean;
  readonly webkitPresentationMode?: string;
  readonly webkitCurrentPlaybackTargetIsWireless?: boolean;
  webkitEnterFullscreen?: () => void;
  webkitExitFullscreen?: () => void;
  webkitSupportsPresentationMode?: (mode: string) => boolean;
  webkitSetPresentationMode?: (mode: string) => void;
  webkitShowPlaybackTargetPicker?: () => void;
}

const PIP = 'picture-in-picture';

/** What the browser offers around a video element. `changed` is called after each change. */
export class VideoFeatures {
  readonly #video: HTMLVideoElement & WebKitVideo;
  readonly #container: HTMLElement;
  readonly #listeners = new AbortController();
  #airPlayAvailable = false;
  /** iPhone: only its keys change the volume. */
  readonly volumeSettable: boolean;

  constructor(video: HTMLVideoElement, container: HTMLElement, changed: () => void) {
    this.#video = video;
    this.#container = container;
    this.volumeSettable = canSetVolume(video.ownerDocument);
    const { signal } = this.#listeners;
    for (const name of ['enterpictureinpicture', 'leavepictureinpicture', 'webkitpresentationmodechanged'])
      video.addEventListener(name, changed, { signal });
    for (const name of ['webkitbeginfullscreen', 'webkitendfullscreen'])
      video.addEventListener(name, changed, { signal });
    video.addEventListener('webkitcurrentplaybacktargetiswirelesschanged', changed, { signal });
    video.ownerDocument.addEventListener('fullscreenchange', changed, { signal });
    video.addEventListener(
      'webkitplaybacktargetavailabilitychanged',
      (event) => {
        this.#airPlayAvailable = 'availability' in event && event.availability === 'available';
        changed();
      },
      { signal },
    );
  }

  get pictureInPicture(): Feature {
    const video = this.#video;
    if (video.ownerDocument.pictureInPictureEnabled && !video.disablePictureInPicture)
      return { available: true, on: video.ownerDocument.pictureInPictureElement === video };
    return {
      available: video.webkitSupportsPresentationMode?.(PIP) === true,
      on: video.webkitPresentationMode === PIP,
    };
  }

  get fullScreen(): Feature {
    const { ownerDocument, webkitSupportsFullscreen, webkitDisplayingFullscreen } = this.#video;
    if (ownerDocument.fullscreenEnabled)
      return { available: true, on: ownerDocument.fullscreenElement === this.#container };
    return { available: webkitSupportsFullscreen === true, on: webkitDisplayingFullscreen === true };
  }

  get airPlay(): Feature {
    return {
      available: this.#airPlayAvailable,
      on: this.#video.webkitCurrentPlaybackTargetIsWireless === true,
    };
  }

  /** Whether another element can take the place of this one: what belongs to the element itself would end. */
  get canBeReplaced(): boolean {
    const video = this.#video;
    const { webkitDisplayingFullscreen, webkitPresentationMode = 'inline' } = video;
    if (video === this.#container || this.airPlay.on || webkitDisplayingFullscreen === true) return false;
    if (webkitPresentationMode !== 'inline') return false;
    return video.muted || mayStartWithSound();
  }

  /** Resolves when that is done, or refused: a refusal changes nothing, which the snapshot shows. */
  async setPictureInPicture(on: boolean): Promise<void> {
    const video = this.#video;
    const { ownerDocument } = video;
    if (!ownerDocument.pictureInPictureEnabled) {
      video.webkitSetPresentationMode?.(on ? PIP : 'inline');
      return;
    }
    if (on) await quietly(video.requestPictureInPicture());
    else if (ownerDocument.pictureInPictureElement === video)
      await quietly(ownerDocument.exitPictureInPicture());
  }

  setFullScreen(on: boolean): void {
    const video = this.#video;
    const { ownerDocument } = video;
    if (!ownerDocument.fullscreenEnabled) {
      if (on) video.webkitEnterFullscreen?.();
      else video.webkitExitFullscreen?.();
      return;
    }
    if (on) void quietly(this.#container.requestFullscreen());
    else if (ownerDocument.fullscreenElement !== null) void quietly(ownerDocument.exitFullscreen());
  }

  showAirPlayMenu(): void {
    this.#video.webkitShowPlaybackTargetPicker?.();
  }

  destroy(): void {
    this.#listeners.abort();
  }
}

/** A refusal, such as without a click, changes nothing, which the snapshot shows. */
async function quietly(done: Promise<unknown>): Promise<void> {
  await done.catch(() => undefined);
}

function canSetVolume(document: Document): boolean {
  const video = document.createElement('video');
  video.volume = 0.5;
  return video.volume === 0.5;
}

/** After a tap anywhere in the page. Safari requires one for each element. */
function mayStartWithSound(): boolean {
  const isKnown = 'userActivation' in navigator; // not declared as optional, and missing in older browsers
  return isKnown && navigator.userActivation.hasBeenActive && !navigator.vendor.startsWith('Apple');
}
