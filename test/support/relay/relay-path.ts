import { join } from 'node:path';
import { foldersFrom } from '../../../hack/tools/folders.ts';
import { RelayProcess, type RelayProcessOptions } from './relay-process.ts';
import type { ControlGroup } from '../processes/control-group.ts';
import type { Membership, WatchedIngest } from '../host/studio.ts';

/** The program as the image has it: `make build` makes it. */
export function builtProgram(): string {
  return (
    process.env['LIVECHANNEL_BENCH_PROGRAM'] ??
    join(foldersFrom(process.env).checkout, 'dist/livechannel.mjs')
  );
}

export interface RelayPathOptions {
  readonly membership: Membership;
  readonly target: ReturnType<WatchedIngest['target']>;
  readonly group?: ControlGroup | undefined;
  readonly media?: RelayProcessOptions['media'];
  readonly environment?: NodeJS.ProcessEnv;
}

/** `livechannel relay` as one of the ways to the ingest. */
export async function startRelay(
  options: RelayPathOptions,
): Promise<RelayProcess & { roots: readonly number[] }> {
  const { membership, target, group, media, environment } = options;
  const relay = await RelayProcess.start({
    ...membership,
    ...target,
    ...{ media, environment, program: builtProgram() },
    wrap: group === undefined ? undefined : (command, args) => group.wrap(command, args),
  });
  return Object.assign(relay, { roots: [relay.pid] });
}
