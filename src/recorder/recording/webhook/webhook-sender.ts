import { readFile } from 'node:fs/promises';
import { SecretText } from '../../../base/secret-text.ts';
import { CodedError, UserError } from '../../../base/errors.ts';
import type { Clock } from '../../../base/clock.ts';
import type { AllowedAddresses } from '../../../base/http/allowed-addresses.ts';
import { OutgoingClient } from '../../../base/http/outgoing-client.ts';
import { readSecrets, sign } from './signature.ts';
import { errorCode } from '../../../base/error-text.ts';

const REQUEST_TIMEOUT_MS = 15_000;
/** No more of the response is read. */
const MAX_RESPONSE_BYTES = 4_096;

/** The receiver did not accept a message. It is sent again, because the receiver may be corrected. */
class WebhookRejected extends CodedError {
  override readonly name = 'WebhookRejected';
  readonly code = 'WEBHOOK_REJECTED';
  readonly retryable = true;
}

export interface WebhookOptions {
  readonly urlFile: string;
  readonly secretFile: string;
  readonly addresses: AllowedAddresses;
  readonly clock: Pick<Clock, 'now'>;
  /** PEM of authorities to trust instead of the system's. */
  readonly ca?: string;
}

/** Sends messages without retries. Reads URL and secret from their files for each message, so that changes apply at once. */
export class WebhookSender implements AsyncDisposable {
  readonly #options: WebhookOptions;
  readonly #client: OutgoingClient;

  constructor(options: WebhookOptions) {
    this.#options = options;
    const { addresses, ca } = options;
    this.#client = new OutgoingClient({ addresses, ...(ca === undefined ? {} : { ca }) });
  }

  /** @throws an error that states why the message was not accepted; of the URL, it contains only the host. */
  async send(id: string, body: string, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const url = await this.#url();
    const keys = readSecrets(await readSecretFile(this.#options.secretFile, 'SECRET'));
    const { status } = await this.#client.send(url, {
      method: 'POST',
      signal,
      timeoutMs: REQUEST_TIMEOUT_MS,
      maxBytes: MAX_RESPONSE_BYTES,
      statusOnly: true,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'livechannel-operator',
        ...sign(id, clock.now(), body, keys),
      },
      body,
    });
    if (status >= 200 && status < 300) return;
    const hint = status >= 300 && status < 400 ? '; redirects are not followed: configure the final URL' : '';
    throw new WebhookRejected(`${url.host} answered ${status}${hint}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }

  async #url(): Promise<URL> {
    const text = (await readSecretFile(this.#options.urlFile, 'URL')).reveal().trim();
    const url = URL.canParse(text) ? new URL(text) : undefined;
    // The URL may contain a token, so the message must not repeat it.
    if (url?.protocol !== 'https:')
      throw new UserError(
        'The file LIVECHANNEL_WEBHOOK_URL_FILE must hold an https:// URL, and nothing else.',
      );
    return url;
  }
}

async function readSecretFile(path: string, what: 'URL' | 'SECRET'): Promise<SecretText> {
  try {
    return new SecretText(await readFile(path, 'utf8'));
  } catch (error) {
    const code = errorCode(error) ?? 'unreadable';
    throw new UserError(`The file LIVECHANNEL_WEBHOOK_${what}_FILE, ${path}, cannot be read: ${code}`, {
      cause: error,
    });
  }
}
