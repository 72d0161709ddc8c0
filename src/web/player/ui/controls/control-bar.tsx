import type { ReactNode } from 'react';
import type { Player, PlayerSnapshot, PlayerState } from '../../core/snapshot.ts';
import type { Layer } from '../layer.ts';
import type { Layers } from '../layers.ts';
import type { Actions } from '../input/actions.ts';
import { useWords } from '../words-context.ts';
import { Connection } from './connection.tsx';
import { IconButton } from './icon-button.tsx';
import {
  AirPlayIcon,
  CaptionsIcon,
  FullScreenIcon,
  LeaveFullScreenIcon,
  PauseIcon,
  PictureInPictureIcon,
  PlayIcon,
} from './icons.tsx';
import { LiveBadge } from './live-badge.tsx';
import { MoreMenu } from './more-menu.tsx';
import { QualityMenu } from './quality-menu.tsx';
import { Volume } from './volume.tsx';

/** States in which playback can be controlled; in the others there is none, or it is over. */
const hasPlayback = (state: PlayerState): boolean =>
  state !== 'ended' && state !== 'not-allowed' && state !== 'unsupported';

/** States with a frame that has a distance to the live edge; LIVE over an interrupted show would not be true. */
const hasLiveEdge = ({ state, hasPicture }: PlayerSnapshot): boolean =>
  hasPicture && ['playing', 'paused', 'buffering', 'migrating', 'use-agora'].includes(state);

interface ControlBarProps {
  readonly player: Player;
  readonly snapshot: PlayerSnapshot;
  readonly actions: Actions;
  readonly layer: Layer | undefined;
  readonly layers: Layers | undefined;
  readonly onLayer: (layer: Layer | undefined) => void;
  readonly onClose: () => void;
}

export function ControlBar({
  player,
  snapshot,
  actions,
  layer,
  layers,
  onLayer,
  onClose,
}: ControlBarProps): ReactNode {
  const { controls } = useWords();
  const { state, captions, pictureInPicture, airPlay, fullScreen } = snapshot;
  const stopped = state === 'paused' || state === 'tap-to-play';
  const toggle = (which: Layer) => (): void => {
    onLayer(layer === which ? undefined : which);
  };
  return (
    <div className="lc-bar">
      {hasPlayback(state) && (
        <>
          <IconButton
            label={stopped ? controls.play : controls.pause}
            icon={stopped ? <PlayIcon /> : <PauseIcon />}
            shortcut="k"
            onClick={actions.togglePlay}
          />
          <Volume snapshot={snapshot} onMuted={actions.setMuted} onVolume={actions.setVolume} />
        </>
      )}
      {hasLiveEdge(snapshot) && (
        <LiveBadge
          latency={snapshot.latency}
          onGoLive={() => {
            player.goLive();
          }}
        />
      )}
      <span className="lc-space" />
      {hasPlayback(state) && (
        <>
          <Connection connection={snapshot.connection} />
          <QualityMenu
            snapshot={snapshot}
            open={layer === 'quality'}
            layers={layers}
            onToggle={toggle('quality')}
            onClose={onClose}
            onQuality={(choice) => {
              player.setQuality(choice);
            }}
            onDataSaver={(on) => {
              player.setDataSaver(on);
            }}
          />
          {captions.available && (
            <IconButton
              label={controls.captions}
              icon={<CaptionsIcon />}
              shortcut="c"
              pressed={captions.on}
              onClick={() => {
                player.setCaptions(!captions.on);
              }}
            />
          )}
          {pictureInPicture.available && (
            <IconButton
              className="lc-rare"
              label={controls.pictureInPicture}
              icon={<PictureInPictureIcon />}
              shortcut="p"
              pressed={pictureInPicture.on}
              onClick={() => {
                player.setPictureInPicture(!pictureInPicture.on);
              }}
            />
          )}
          {airPlay.available && (
            <IconButton
              className="lc-rare"
              label={controls.airPlay}
              icon={<AirPlayIcon />}
              pressed={airPlay.on}
              onClick={() => {
                player.showAirPlayMenu();
              }}
            />
          )}
        </>
      )}
      <MoreMenu
        player={player}
        snapshot={snapshot}
        open={layer === 'more'}
        layers={layers}
        onToggle={toggle('more')}
        onClose={onClose}
        onLayer={onLayer}
      />
      {fullScreen.available && (
        <IconButton
          label={fullScreen.on ? controls.leaveFullScreen : controls.fullScreen}
          icon={fullScreen.on ? <LeaveFullScreenIcon /> : <FullScreenIcon />}
          shortcut="f"
          onClick={() => {
            player.setFullScreen(!fullScreen.on);
          }}
        />
      )}
    </div>
  );
}
