import { Option, type Command } from 'commander';

export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly clusterId?: string;
}

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
        'what the operator has as LIVECHANNEL_CLUSTER_ID (default: the uid of the namespace kube-system)',
      ).env('LIVECHANNEL_CLUSTER_ID'),
    )
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}

/** The action, with every failure told in a sentence and exit code 2. */
export function endingWithTwo<Arguments extends readonly unknown[]>(
  action: (...given: Arguments) => Promise<void>,
): (...given: Arguments) => Promise<void> {
  return async (...given) => {
    try {
      await action(...given);
    } catch (error) {
      process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 2;
    }
  };
}
