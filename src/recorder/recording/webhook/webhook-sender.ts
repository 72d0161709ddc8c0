import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { SecretText } from '../../../base/secret-text.ts';
import { CodedError, UserError } from '../../../base/errors.ts';
import type { Clock } from '../../../base/clock.ts';
import { readSecrets, sign } from './signature.ts';
import type { AllowedAddresses } from './allowed-addresses.ts';
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
  readonly #agent: Agent;

  constructor(options: WebhookOptions) {
    this.#options = options;
    const { addresses, ca } = options;
    this.#agent = new Agent({
      connect: {
        lookup: addresses.lookup,
        timeout: 5_000,
        ...(ca === undefined ? {} : { ca }),
      },
      headersTimeout: 10_000,
      bodyTimeout: 5_000,
      connections: 4,
      // No connection is kept alive, so that the host name is resolved again for each message.
      pipelining: 0,
    });
  }

  /** @throws an error that states why the message was not accepted; of the URL, it contains only the host. */
  async send(id: string, body: string, signal: AbortSignal): Promise<void> {
    const { addresses, clock } = this.#options;
    const url = await this.#url();
    addresses.check(url);
    const keys = readSecrets(await readSecretFile(this.#options.secretFile, 'SECRET'));
    const answer = await request(url, {
      method: 'POST',
      dispatcher: this.#agent,
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'livechannel-operator',
        ...sign(id, clock.now(), body, keys),
      },
      body,
    });
    await answer.body
      .dump({ limit: MAX_RESPONSE_BYTES, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
      .catch(() => undefined);
    const { statusCode } = answer;
    if (statusCode >= 200 && statusCode < 300) return;
    const hint =
      statusCode >= 300 && statusCode < 400 ? '; redirects are not followed: configure the final URL' : '';
    throw new WebhookRejected(`${url.host} answered ${statusCode}${hint}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
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
