import type { Command } from 'commander';
import { ClusterSession } from './cluster-session.ts';
import { addClusterOptions, endingWithTwo, type ClusterFlags } from './command-line.ts';
import { parseDuration } from '../base/duration.ts';
import { ownerOf } from '../cluster/stream-ownership.ts';
import { playbackOf } from './playback-url.ts';
import { UserError } from '../base/errors.ts';

interface Flags extends ClusterFlags {
  readonly expires: string;
  readonly viewer?: string;
}

/** Configures `livechannel playback-url NAMESPACE/NAME`, whose only output on stdout is the channel's playback URL. */
export function configure(command: Command): void {
  addClusterOptions(command)
    .argument('<channel>', 'NAMESPACE/NAME of a LiveChannel')
    .option('--expires <duration>', 'validity of a signed URL, for example 90s, 15m, 1h or 2d', '1h')
    .option('--viewer <id>', 'viewer ID to include in a signed URL, where the platform supports it')
    .action(
      endingWithTwo(async (channelName: string, { expires, viewer, ...cluster }: Flags) => {
        const seconds = parseDuration(expires);
        const [namespace = '', name = '', ...rest] = channelName.split('/');
        if (namespace === '' || name === '' || rest.length > 0)
          throw new UserError(`"${channelName}" is not a channel. Use NAMESPACE/NAME.`);
        const signal = AbortSignal.timeout(60_000);
        await using session = await ClusterSession.open(cluster, signal);
        const channel = await session.channel(namespace, name, signal);
        if (channel === undefined) throw new UserError(`LiveChannel ${channelName} does not exist.`);
        const playback = playbackOf(channel);
        if (playback.access === 'none')
          throw new UserError(`LiveChannel ${channelName} cannot be watched yet: ${playback.why}`);
        if (playback.access === 'public') {
          process.stderr.write(
            `LiveChannel ${channelName} is public (spec.playback.access). Its URL needs no signature.\n`,
          );
          process.stdout.write(`${playback.url}\n`);
          return;
        }
        const platform = await session.open(playback.platform, signal);
        if (!platform.ok) throw new UserError(platform.problem.message);
        const grant = {
          expiresAt: new Date(Date.now() + seconds * 1_000),
          ...(viewer === undefined ? {} : { viewerId: viewer }),
        };
        const owner = ownerOf(channel, playback.platform, session.clusterId);
        const url = await platform.value.driver.signPlayback({ id: playback.id, owner }, grant, signal);
        process.stdout.write(`${url}\n`);
      }),
    );
}
