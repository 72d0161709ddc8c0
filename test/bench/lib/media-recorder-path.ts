import type { PathOptions } from './paths.ts';
import type { RunningPath } from './measured.ts';
export function startMediaRecorder(_: PathOptions): Promise<RunningPath> { throw new Error('todo'); }
