import type { Clock } from '../../base/clock.ts';
import { SecretText } from '../../base/secret-text.ts';
import { mountedFiles } from '../services/mounted-files.ts';
import { isSignedWith, type SignatureHeaders } from './signature.ts';

/** The folder is read again after this time, so that a rotated secret takes effect without a restart. */
const READ_INTERVAL_MS = 5_000;

interface ProjectSecret {
  /** Name of the Secret with the credentials of the Agora project. */
  readonly project: string;
  readonly secret: SecretText;
}

/**
 * The secrets of notifications, one for each Agora project, from a mounted Secret. Its keys are the names of the Secrets
 * with the projects' credentials. For a rotation, a project may have several: `agora`, `agora_2`.
 */
export class NotificationSecrets {
  readonly #folder: string;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #secrets: Promise<readonly ProjectSecret[]> | undefined;
  #readAt = 0;

  constructor(folder: string, clock: Pick<Clock, 'monotonic'>) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** The projects whose secret signed the body; undefined: there are no secrets. */
  async signersOf(body: Uint8Array, headers: SignatureHeaders): Promise<readonly string[] | undefined> {
    const secrets = await this.#read();
    if (secrets.length === 0) return undefined;
    const signers = secrets.filter(({ secret }) => isSignedWith(secret.reveal(), body, headers));
    return [...new Set(signers.map(({ project }) => project))];
  }

  #read(): Promise<readonly ProjectSecret[]> {
    const now = this.#clock.monotonic();
    if (this.#secrets !== undefined && now - this.#readAt < READ_INTERVAL_MS) return this.#secrets;
    this.#readAt = now;
    const secrets = readSecrets(this.#folder);
    // A failed read is repeated by the next notification.
    secrets.catch(() => (this.#secrets = undefined));
    return (this.#secrets = secrets);
  }
}

async function readSecrets(folder: string): Promise<readonly ProjectSecret[]> {
  const files = (await mountedFiles(folder)) ?? new Map<string, string>();
  return [...files].flatMap(([name, content]) => {
    const secret = content.trim();
    // Names of Secrets have no underscores.
    return secret === '' ? [] : [{ project: name.split('_')[0] ?? name, secret: new SecretText(secret) }];
  });
}
