import { Option, type Command } from 'commander';
import { errorMessage } from '../base/error-text.ts';

/** Parsed values of the options that addClusterOptions adds. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly clusterId?: string;
}

/** Adds the options that select the cluster. Invalid use of the command exits with code 2. */
export function addClusterOptions(command: Command): Command {
  return command
    .option(
      '--kubeconfig <file>',
      "default: $KUBECONFIG, then the pod's service account, then ~/.kube/config",
    )
    .option('--context <name>', 'context of the kubeconfig')
    .addOption(
      new Option(
        '--cluster-id <id>',
        'cluster ID of the operator, its LIVECHANNEL_CLUSTER_ID (default: UID of namespace kube-system)',
      ).env('LIVECHANNEL_CLUSTER_ID'),
    )
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}

/** Wraps a command's action: an error is printed to stderr in one line, and the exit code is 2. */
export function endingWithTwo<Arguments extends readonly unknown[]>(
  action: (...given: Arguments) => Promise<void>,
): (...given: Arguments) => Promise<void> {
  return async (...given) => {
    try {
      await action(...given);
    } catch (error) {
      process.stderr.write(`error: ${errorMessage(error)}\n`);
      process.exitCode = 2;
    }
  };
}
