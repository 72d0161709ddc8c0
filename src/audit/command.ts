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

/** Configures `livechannel audit`, which lists the streams on the platforms with their owners and hourly costs. */
export function configure(command: Command): void {
  addClusterOptions(command)
    .option('--platform <name>', 'audit only this StreamingPlatform')
    .addOption(
      new Option('-o, --output <format>', 'output format').choices(['table', 'json']).default('table'),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 every stream belongs to a channel; 1 some do not; 2 invalid use, or a platform could not be queried.',
    )
    .action(
      endingWithTwo(async ({ platform, output, ...cluster }: Flags) => {
        await using session = await ClusterSession.open(cluster, AbortSignal.timeout(30_000));
        const names = session.platforms.map(({ metadata }) => metadata.name);
        if (platform !== undefined && !names.includes(platform))
          throw new UserError(
            `StreamingPlatform ${platform} does not exist. Existing platforms: ${names.join(', ') || 'none'}.`,
          );
        const chosen = session.platforms.filter(
          ({ metadata }) => (platform ?? metadata.name) === metadata.name,
        );
        const asked = await askPlatforms(session, chosen);
        // List channels after the streams. Otherwise the stream of a channel created in between would appear orphaned.
        const channels = await session.channels(AbortSignal.timeout(60_000));
        const result = audit(asked, channels, new Set(names));
        process.stdout.write(output === 'json' ? asJson(result) : asTable(result));
        process.exitCode = exitCodeOf(result);
      }),
    );
}
