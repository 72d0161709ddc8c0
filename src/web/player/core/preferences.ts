import type { QualityChoice } from './snapshot.ts';

/** What is remembered on the device: what the viewer set by hand, and nothing that identifies anyone. */
export interface Preferences {
  readonly quality: QualityChoice;
  /** 0 to 1. */
  readonly volume: number;
}

/** The part of Storage that is used. */
export interface PreferenceStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const QUALITY_KEY = 'livechannel.quality';
const VOLUME_KEY = 'livechannel.volume';
const HIGHEST = 8_640;

/** Storage may be full, forbidden, or have been written by another program. */
export function readPreferences(store: PreferenceStore | undefined): Preferences {
  return { quality: qualityOf(read(store, QUALITY_KEY)), volume: volumeOf(read(store, VOLUME_KEY)) };
}

export function writeQuality(store: PreferenceStore | undefined, choice: QualityChoice): void {
  write(store, QUALITY_KEY, String(choice));
}

export function writeVolume(store: PreferenceStore | undefined, volume: number): void {
  write(store, VOLUME_KEY, volume.toFixed(2));
}

/** localStorage, where the browser allows it. */
export function deviceStore(): PreferenceStore | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

function qualityOf(text: string | undefined): QualityChoice {
  const height = Number(text ?? NaN);
  return Number.isInteger(height) && height > 0 && height <= HIGHEST ? height : 'auto';
}

function volumeOf(text: string | undefined): number {
  const volume = Number(text === undefined || text === '' ? NaN : text);
  return volume >= 0 && volume <= 1 ? volume : 1;
}

function read(store: PreferenceStore | undefined, key: string): string | undefined {
  try {
    return store?.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(store: PreferenceStore | undefined, key: string, value: string): void {
  try {
    store?.setItem(key, value);
  } catch {
    // Not remembered, which costs the viewer one click the next time.
  }
}
