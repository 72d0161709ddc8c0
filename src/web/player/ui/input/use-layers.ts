import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react';
import type { OnDemand } from '../../core/on-demand.ts';
import type { Layer } from '../layer.ts';
import type { Layers } from '../layers.ts';

const unknown = (): undefined => undefined;

/**
 * The code of menus and dialogs, once it is loaded: it is there before the viewer presses, or the layer opens as soon as it
 * arrives. One that cannot be loaded closes again, and the next press tries again.
 */
export function useLayers(
  onDemand: OnDemand<Layers>,
  layer: Layer | undefined,
  onClose: () => void,
): { readonly layers: Layers | undefined; readonly prepareLayers: () => void } {
  const layers = useSyncExternalStore(onDemand.subscribe, onDemand.read, unknown);
  const isMissing = layer !== undefined && layers === undefined;
  useEffect(() => {
    if (isMissing) onDemand.load().catch(onClose);
  }, [onDemand, isMissing, onClose]);
  /** Activity comes many times a second: only a press tries again. */
  const prepared = useRef(false);
  const prepareLayers = useCallback(() => {
    if (prepared.current) return;
    prepared.current = true;
    onDemand.load().catch(unknown);
  }, [onDemand]);
  return { layers, prepareLayers };
}
