import { once } from 'node:events';
import { Option } from 'commander';
import type { Command } from 'commander';
import { pino } from 'pino';
import { UserError } from '../base/errors.ts';
import { startOrigin } from './origin.ts';
import {
  environmentName,
  flagName,
  originSettingsSchema,
  parseSettings,
  type OriginSettings,
} from './settings.ts';

/** `livechannel origin`: runs the self-hosted platform until SIGTERM or SIGINT. */
export function configure(command: Command): void {
  for (const [name, schema] of Object.entries(originSettingsSchema.shape)) {
    command.addOption(
      new Option(`--${flagName(name)} <value>`, schema.description ?? '').env(environmentName(name)),
    );
  }
  command.action(async (values: Record<string, string | undefined>) => {
    try {
      await run(parseSettings(values));
    } catch (error) {
      if (error instanceof UserError) command.error(error.message);
      throw error;
    }
  });
}

async function run(settings: OriginSettings): Promise<void> {
  const log = pino({ name: 'origin', level: settings.logLevel });
  const stop = new AbortController();
  const onSignal = (): void => {
    stop.abort();
  };
  process.once('SIGTERM', onSignal).once('SIGINT', onSignal);
  await using _origin = await startOrigin(settings, log);
  if (!stop.signal.aborted) await once(stop.signal, 'abort');
  log.info('origin stops');
}
