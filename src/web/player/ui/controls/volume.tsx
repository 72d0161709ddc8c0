import type { ReactNode } from 'react';
import type { PlayerSnapshot } from '../../core/snapshot.ts';
import { useWords } from '../words-context.ts';
import { IconButton } from './icon-button.tsx';
import { MutedIcon, SoundIcon } from './icons.tsx';

interface VolumeProps {
  readonly snapshot: PlayerSnapshot;
  readonly onMuted: (muted: boolean) => void;
  readonly onVolume: (volume: number) => void;
}

export function Volume({ snapshot, onMuted, onVolume }: VolumeProps): ReactNode {
  const { controls, percent } = useWords();
  const { muted, volumeSettable } = snapshot;
  const heard = muted ? 0 : snapshot.volume;
  return (
    <>
      <IconButton
        label={muted ? controls.unmute : controls.mute}
        icon={muted ? <MutedIcon /> : <SoundIcon />}
        shortcut="m"
        onClick={() => {
          onMuted(!muted);
        }}
      />
      {volumeSettable && (
        <input
          type="range"
          className="lc-volume"
          aria-label={controls.volume}
          aria-valuetext={percent(heard)}
          min={0}
          max={1}
          step={0.05}
          value={heard}
          onChange={(event) => {
            onVolume(event.target.valueAsNumber);
          }}
        />
      )}
    </>
  );
}
