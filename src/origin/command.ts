import { once } from 'node:events';
import { Option } from 'commander';
import type { Command } from 'commander';
import { pino } from 'pino';
import { errorMessage } from '../base/error-text.ts';
import { startOrigin } from './origin.ts';
import { environmentName, flagName, originSettingsSchema, parseSettings } from './settings.ts';

/** `livechannel origin`: runs the self-hosted platform until SIGTERM or SIGINT. */
export function configure(command: Command): void {
  for (const [name, schema] of Object.entries(originSettingsSchema.shape)) {
    command.addOption(
      new Option(`--${flagName(name)} <value>`, schema.description ?? '').env(environmentName(name)),
    );
  }
  command.action(async (values: Record<string, string | undefined>) => {
    let settings;
    try {
      settings = parseSettings(values);
    } catch (error) {
      command.error(errorMessage(error));
    }
    const log = pino({ name: 'origin', level: settings.logLevel });
    const stop = new AbortController();
    const onSignal = (): void => {
      stop.abort();
    };
    process.once('SIGTERM', onSignal).once('SIGINT', onSignal);
    await using _origin = await startOrigin(settings, log);
    if (!stop.signal.aborted) await once(stop.signal, 'abort');
    log.info('origin stops');
  });
}
