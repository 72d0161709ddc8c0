import { hostname } from 'node:os';
import type { Command } from 'commander';
import { pino } from 'pino';
import { z } from 'zod';
import { UserError } from '../base/errors.ts';
import { terminationSignal } from '../kube/termination.ts';
import { startOperator } from './operator.ts';
import { operatorSettingsSchema } from './settings.ts';

/** Adds the description, options and action of the operator to its command. Invalid settings exit with code 2. */
export function configure(command: Command): void {
  command
    .description('run the controllers; settings come from LIVECHANNEL_* (docs/reference/settings.md)')
    .option('--kubeconfig <file>', 'kubeconfig to use instead of the pod’s service account')
    .action(async ({ kubeconfig }: { kubeconfig?: string }) => {
      const parsed = operatorSettingsSchema.safeParse(process.env);
      if (!parsed.success)
        command.error(`Settings are not valid:\n${z.prettifyError(parsed.error)}`, { exitCode: 2 });
      const settings = parsed.data;
      const logger = pino({ level: settings.LIVECHANNEL_LOG_LEVEL, base: {} });
      try {
        await startOperator({
          settings,
          logger,
          identity: settings.LIVECHANNEL_POD_NAME ?? hostname(),
          signal: terminationSignal(),
          ...(kubeconfig === undefined ? {} : { kubeconfigPath: kubeconfig }),
        });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        command.error(`The operator does not start: ${error.message}`, { exitCode: 2 });
      }
    });
}
