import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  type RefObject,
} from 'react';
import type { OnDemand } from '../core/on-demand.ts';
import type { Player } from '../core/snapshot.ts';
import { en } from '../text/en.ts';
import type { Texts } from '../text/texts.ts';
import { wordsOf } from '../text/words.ts';
import { ControlBar } from './controls/control-bar.tsx';
import { MutedIcon } from './controls/icons.tsx';
import { actionsOf, usableCommands } from './input/actions.ts';
import { shortcutFor, shortcutKeys, type KeyPlace } from './input/shortcuts.ts';
import { useIdle } from './input/use-idle.ts';
import { useSeconds } from './input/use-seconds.ts';
import { useSnapshot } from './input/use-snapshot.ts';
import type { Layer } from './layer.ts';
import { layersOnDemand, type Layers } from './layers.ts';
import { useLayers } from './input/use-layers.ts';
import { Announcer } from './overlay/announcer.tsx';
import { announcement, stateMessage, type StateAction } from './overlay/state-message.ts';
import { StateOverlay } from './overlay/state-overlay.tsx';
import { WordsContext } from './words-context.ts';

export type Theme = 'light' | 'dark' | 'auto';

export interface PlayerViewProps {
  readonly player: Player;
  /** The video element, and what lies over it in the same place. */
  readonly video: ReactNode;
  /** Default: English. */
  readonly texts?: Texts | undefined;
  /** How numbers are written; default: that of the texts. */
  readonly locale?: string | undefined;
  /** Name of the show. */
  readonly title?: string | undefined;
  /** Default: that of the texts. */
  readonly dir?: 'ltr' | 'rtl' | undefined;
  /** auto, the default, follows the system. */
  readonly theme?: Theme | undefined;
  /** The app's way to Agora; without it no button leads there. */
  readonly onUseAgora?: (() => void) | undefined;
  /** The element that goes full screen. */
  readonly stage?: RefObject<HTMLElement | null> | undefined;
  readonly now?: (() => number) | undefined;
  /** Menus and dialogs; default: those of this package. */
  readonly layers?: OnDemand<Layers> | undefined;
}

/** The look and the controls of a player. What it shows and does is all in `player`. */
export function PlayerView(props: PlayerViewProps): ReactNode {
  const { player, video, texts = en, locale, title, theme = 'auto', onUseAgora, now = Date.now } = props;
  const words = useMemo(() => wordsOf(texts, locale), [texts, locale]);
  const snapshot = useSnapshot(player);
  const { state } = snapshot;
  const seconds = useSeconds(state !== 'playing', now);
  const [layer, setLayer] = useState<Layer>();
  const closeLayer = useCallback(() => {
    setLayer(undefined);
  }, []);
  /** Whether the viewer has decided about sound; until then, a muted player was muted for autoplay. */
  const [soundDecided, setSoundDecided] = useState(false);
  const [focused, setFocused] = useState(false);
  const { idle, onActivity: stayAwake } = useIdle(state === 'playing' && layer === undefined && !focused);
  const { layers, prepareLayers } = useLayers(props.layers ?? layersOnDemand, layer, closeLayer);
  const onActivity = (): void => {
    stayAwake();
    // Nothing competes with the first frame.
    if (snapshot.hasPicture) prepareLayers();
  };
  const ownRoot = useRef<HTMLElement>(null);
  const root = props.stage ?? ownRoot;
  useKeptFocus(root, state);

  const actions = actionsOf(player, snapshot, () => {
    setSoundDecided(true);
  });
  const canUseAgora = onUseAgora !== undefined;
  const message = stateMessage(snapshot, { words, now: seconds, canUseAgora });
  const commands = usableCommands(snapshot);

  const act = (action: StateAction): void => {
    if (action === 'retry') player.retry();
    else if (action === 'play') player.play();
    else if (action === 'save-data') player.setDataSaver(true);
    else onUseAgora?.();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    onActivity();
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const command = shortcutFor(event.key, placeOf(event.target));
    if (command === undefined || !commands.includes(command)) return;
    event.preventDefault();
    if (command === 'help') setLayer('shortcuts');
    else actions.run(command);
  };
  /** A finger shows the controls; a mouse has them already. */
  const onVideo = ({ pointerType, button }: PointerEvent<HTMLElement>): void => {
    const playable = state === 'playing' || state === 'paused' || state === 'tap-to-play';
    if (playable && pointerType === 'mouse' && button === 0) actions.togglePlay();
  };
  const asksForSound = snapshot.muted && !soundDecided && (message?.layout ?? 'notice') === 'notice';

  return (
    <WordsContext.Provider value={words}>
      <section
        ref={root}
        className="lc-player"
        aria-label={title ?? words.player}
        lang={words.locale}
        dir={props.dir ?? words.direction}
        tabIndex={-1}
        data-state={state}
        data-theme={theme}
        data-idle={idle}
        onKeyDown={onKeyDown}
        onPointerMove={onActivity}
        onPointerDown={onActivity}
        onFocus={({ target, currentTarget }) => {
          onActivity();
          setFocused(target !== currentTarget && target.matches(':focus-visible'));
        }}
        onBlur={() => {
          setFocused(false);
        }}
      >
        <div className="lc-video" onPointerUp={onVideo}>
          {video}
        </div>
        {message !== undefined && <StateOverlay message={message} onAction={act} />}
        {title !== undefined && <p className="lc-title">{title}</p>}
        {asksForSound && (
          <button
            type="button"
            className="lc-action lc-sound"
            onClick={() => {
              actions.setMuted(false);
            }}
          >
            <MutedIcon />
            {words.actions.sound}
          </button>
        )}
        <ControlBar
          player={player}
          snapshot={snapshot}
          actions={actions}
          layer={layer}
          layers={layers}
          onLayer={setLayer}
          onClose={closeLayer}
        />
        <Announcer message={announcement(snapshot, words, canUseAgora)} />
        {layer === 'report' && layers !== undefined && (
          <layers.ReportDialog
            words={words}
            onReport={(kind) => {
              player.report(kind);
            }}
            onClose={closeLayer}
          />
        )}
        {layer === 'shortcuts' && layers !== undefined && (
          <layers.ShortcutList {...{ words, commands, keys: shortcutKeys }} onClose={closeLayer} />
        )}
      </section>
    </WordsContext.Provider>
  );
}

function placeOf(target: EventTarget): KeyPlace {
  if (!(target instanceof Element)) return 'stage';
  if (target.closest('dialog, [role=menu]') !== null) return 'layer';
  if (target.matches('input')) return 'slider';
  return target.matches('button') ? 'button' : 'stage';
}

/** A button goes away together with its state; if it had the focus, the player has it now, and its keys go on working. */
function useKeptFocus(root: { readonly current: HTMLElement | null }, state: string): void {
  const inside = useRef(false);
  useEffect(() => {
    const element = root.current;
    if (element === null) return undefined;
    const entered = (): void => {
      inside.current = true;
    };
    const left = ({ relatedTarget }: FocusEvent): void => {
      if (relatedTarget !== null) inside.current = false;
    };
    const pressed = ({ target }: Event): void => {
      if (target instanceof Node && !element.contains(target)) inside.current = false;
    };
    element.addEventListener('focusin', entered);
    element.addEventListener('focusout', left);
    document.addEventListener('pointerdown', pressed);
    return () => {
      element.removeEventListener('focusin', entered);
      element.removeEventListener('focusout', left);
      document.removeEventListener('pointerdown', pressed);
    };
  }, [root]);
  useEffect(() => {
    if (inside.current && document.activeElement === document.body)
      root.current?.focus({ preventScroll: true });
  }, [root, state]);
}
