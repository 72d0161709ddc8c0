import type { Command } from 'commander';
import { ClusterSession } from './cluster-session.ts';
import { addClusterOptions, endingWithTwo, type ClusterFlags } from './command-line.ts';
import { parseDuration } from '../base/duration.ts';
import { playbackOf } from './playback-url.ts';
import { UserError } from '../base/errors.ts';

interface Flags extends ClusterFlags {
  readonly expires: string;
  readonly viewer?: string;
}

/** `livechannel playback-url shop/auction`: prints the address at which a channel can be watched, and nothing else. */
export function configure(command: Command): void {
  addClusterOptions(command)
    .argument('<channel>', 'NAMESPACE/NAME of a LiveChannel')
    .option('--expires <duration>', 'how long a signed address is good: 90s, 15m, 1h, 2d', '1h')
    .option('--viewer <id>', 'names the viewer in a signed address, where the platform has room for it')
    .action(
      endingWithTwo(async (channelName: string, { expires, viewer, ...cluster }: Flags) => {
        const seconds = parseDuration(expires);
        const [namespace = '', name = '', ...rest] = channelName.split('/');
        if (namespace === '' || name === '' || rest.length > 0)
          throw new UserError(`"${channelName}" is no channel: write NAMESPACE/NAME`);
        const signal = AbortSignal.timeout(60_000);
        await using session = await ClusterSession.open(cluster, signal);
        const channel = await session.channel(namespace, name, signal);
        if (channel === undefined) throw new UserError(`LiveChannel ${channelName} does not exist`);
        const playback = playbackOf(channel);
        if (playback.access === 'none')
          throw new UserError(`LiveChannel ${channelName} cannot be watched yet: ${playback.why}`);
        if (playback.access === 'public') {
          process.stderr.write(
            'The channel is public (spec.playback.access): its address needs no signature.\n',
          );
          process.stdout.write(`${playback.url}\n`);
          return;
        }
        const platform = await session.open(playback.platform, signal);
        if (!platform.ok) throw new UserError(platform.problem.message);
        const url = await platform.value.driver.signPlayback(playback.stream, {
          expiresAt: new Date(Date.now() + seconds * 1_000),
          ...(viewer === undefined ? {} : { viewerId: viewer }),
        });
        process.stdout.write(`${url}\n`);
      }),
    );
}
