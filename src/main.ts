#!/usr/bin/env node
import { Command } from 'commander';

/**
 * One program for every part. Each command is defined in the folder of its part and loaded only when it is requested,
 * so that a relay does not carry the Kubernetes client in memory.
 */
const program = new Command('livechannel')
  .description('Relays Agora channels to streaming platforms')
  .showHelpAfterError()
  .enablePositionalOptions();

interface CommandModule {
  /** Adds the options and the action to the empty command. */
  configure(command: Command): void;
}

const commands: Record<string, { description: string; load: () => Promise<CommandModule> }> = {
  operator: { description: 'run the controllers', load: () => import('./operator/command.ts') },
  relay: {
    description: 'relay one channel (runs in the relay pod)',
    load: () => import('./relay/command.ts'),
  },
  origin: {
    description: "run the embedded platform's control service",
    load: () => import('./origin/command.ts'),
  },
  api: { description: 'run the service that apps call', load: () => import('./server/command.ts') },
  'api-key': {
    description: 'create, list, rotate and revoke API keys of the service',
    load: () => import('./server/auth/api-key-command.ts'),
  },
  migrate: {
    description: 'update the schema of the database',
    load: () => import('./store/command.ts'),
  },
  costs: {
    description: 'compare what an audience costs on each platform, and list prices',
    load: () => import('./costs/command.ts'),
  },
  audit: {
    description: 'list the streams on each platform, with their owners and hourly costs',
    load: () => import('./audit/command.ts'),
  },
  'playback-url': {
    description: "print a channel's playback URL, signed if its access is signed",
    load: () => import('./audit/playback-url-command.ts'),
  },
};

const requested = process.argv[2];
for (const [name, { description, load }] of Object.entries(commands)) {
  const command = program.command(name).description(description);
  if (name === requested) (await load()).configure(command);
}
await program.parseAsync();
