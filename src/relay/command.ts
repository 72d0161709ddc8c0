import type { Command } from 'commander';
import { runRelay } from './run.ts';

/** `livechannel relay --config FILE` */
export function configure(command: Command): void {
  command
    .requiredOption('--config <file>', 'JSON file with the channel, the Agora credentials and the ingest')
    .action(async ({ config }: { config: string }) => {
      const stop = new AbortController();
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
      const code = await runRelay(config, process.env, stop.signal);
      // Exit explicitly: a socket or child process that is still open must not delay the end of the pod.
      process.exit(code);
    });
}
