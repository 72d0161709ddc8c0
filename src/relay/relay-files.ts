import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { relayConfigSchema, type RelayConfig } from '../api/relay-contract.ts';
import { SecretText } from '../base/secret-text.ts';
import { errorText } from '../base/error-text.ts';
import { CodedError } from '../base/errors.ts';

/** A file that the relay needs is missing or not valid; the message names the file and the cause. */
export class RelayFilesInvalid extends CodedError {
  override readonly name = 'RelayFilesInvalid';
  readonly code = 'RELAY_FILES_INVALID';
  readonly retryable = false;
}

/** Contents of the files that the configuration names. They change while the relay runs. */
export interface RelayFiles {
  /** Undefined if the relay joins without a token. */
  readonly token: SecretText | undefined;
  readonly ingestUrl: string;
  readonly streamKey: SecretText;
  readonly ca: string | undefined;
}

/**
 * Reads and validates the relay's configuration.
 * @throws RelayFilesInvalid
 */
export async function readRelayConfig(path: string): Promise<RelayConfig> {
  const text = await read(path, 'configuration');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RelayFilesInvalid(`The configuration ${path} is not JSON.`, { cause: error });
  }
  const config = relayConfigSchema.safeParse(value);
  if (!config.success) {
    throw new RelayFilesInvalid(`The configuration ${path} is not valid:\n${z.prettifyError(config.error)}`);
  }
  return config.data;
}

/**
 * Reads the files that the configuration names.
 * @throws RelayFilesInvalid
 */
export async function readRelayFiles({ agora, ingest }: RelayConfig): Promise<RelayFiles> {
  const [token, ingestUrl, streamKey, ca] = await Promise.all([
    agora.tokenFile === undefined ? undefined : read(agora.tokenFile, 'Agora token'),
    read(ingest.urlFile, 'ingest URL'),
    read(ingest.streamKeyFile, 'stream key'),
    ingest.caFile === undefined ? undefined : read(ingest.caFile, 'ingest CA'),
  ]);
  return {
    token: token === undefined ? undefined : new SecretText(token),
    ingestUrl,
    streamKey: new SecretText(streamKey),
    ca,
  };
}

/** Which parts of the relay are affected by a change of the files. */
export function changedParts(before: RelayFiles, after: RelayFiles): { token: boolean; ingest: boolean } {
  return {
    token: before.token?.reveal() !== after.token?.reveal(),
    ingest:
      before.ingestUrl !== after.ingestUrl ||
      before.streamKey.reveal() !== after.streamKey.reveal() ||
      before.ca !== after.ca,
  };
}

async function read(path: string, what: string): Promise<string> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    if (text === '') throw new RelayFilesInvalid(`The file with the ${what}, ${path}, is empty.`);
    return text;
  } catch (error) {
    if (error instanceof RelayFilesInvalid) throw error;
    throw new RelayFilesInvalid(`The file with the ${what}, ${path}, cannot be read: ${errorText(error)}.`, {
      cause: error,
    });
  }
}
