import { Option, type Command } from 'commander';
import { askPlatforms } from './ask-platforms.ts';
import { audit, exitCodeOf } from './audit.ts';
import { ClusterSession } from './cluster-session.ts';
import { addClusterOptions, endingWithTwo, type ClusterFlags } from './command-line.ts';
import { asJson, asTable } from './present.ts';
import { UserError } from '../base/errors.ts';

interface Flags extends ClusterFlags {
  readonly platform?: string;
  readonly output: 'table' | 'json';
}

/** `livechannel audit`: what exists on the platforms, what it belongs to, and what it costs an hour. */
export function configure(command: Command): void {
  addClusterOptions(command)
    .option('--platform <name>', 'ask this StreamingPlatform alone')
    .addOption(
      new Option('-o, --output <format>', 'how to print it').choices(['table', 'json']).default('table'),
    )
    .addHelpText(
      'after',
      '\nExit code: 0 every stream belongs to a channel; 1 some do not; 2 bad use, or a platform could not be asked.',
    )
    .action(
      endingWithTwo(async ({ platform, output, ...cluster }: Flags) => {
        await using session = await ClusterSession.open(cluster, AbortSignal.timeout(30_000));
        const names = session.platforms.map(({ metadata }) => metadata.name);
        if (platform !== undefined && !names.includes(platform))
          throw new UserError(
            `StreamingPlatform ${platform} does not exist. There are: ${names.join(', ') || 'none'}.`,
          );
        const chosen = session.platforms.filter(
          ({ metadata }) => (platform ?? metadata.name) === metadata.name,
        );
        const asked = await askPlatforms(session, chosen);
        // Read after the streams: a channel that came in between must be seen, or its stream looked like an orphan.
        const channels = await session.channels(AbortSignal.timeout(60_000));
        const result = audit(asked, channels, new Set(names));
        process.stdout.write(output === 'json' ? asJson(result) : asTable(result));
        process.exitCode = exitCodeOf(result);
      }),
    );
}
