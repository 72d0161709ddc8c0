import { OnDemand } from '../core/on-demand.ts';
import type * as layersCode from './layers-code.ts';

/** What lies over the player: menus and dialogs, which a viewer opens when the show is already playing. */
export type Layers = typeof layersCode;

/** Loaded when a viewer begins to use the controls. */
export const layersOnDemand = new OnDemand<Layers>(() => import('./layers-code.ts'));
