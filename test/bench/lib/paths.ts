import type { ControlGroup } from '../../support/processes/control-group.ts';
import type { Loop } from '../../support/host/video-loop.ts';
import type { RunningPath } from './measured.ts';
import { startRelay } from '../../support/relay/relay-path.ts';
import { startMediaRecorder } from '../rivals/media-recorder.ts';
import { startScreenGrab } from '../rivals/screen-grab.ts';
import type { Membership, WatchedIngest } from '../../support/host/studio.ts';

export const pathNames = ['passthrough', 'transcode', 'mediarecorder', 'x11grab'] as const;
export type PathName = (typeof pathNames)[number];

export interface PathOptions {
  readonly loop: Loop;
  readonly membership: Membership;
  readonly target: ReturnType<WatchedIngest['target']>;
  readonly group: ControlGroup | undefined;
}

/** Starts one of the ways from the channel to the ingest. */
export function startPath(path: PathName, options: PathOptions): Promise<RunningPath> {
  switch (path) {
    case 'passthrough':
    case 'transcode':
      return startRelay({ ...options, media: { mode: path } });
    case 'mediarecorder':
      return startMediaRecorder(options);
    case 'x11grab':
      return startScreenGrab(options);
  }
}
