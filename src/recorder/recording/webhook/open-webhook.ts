import { readFile } from 'node:fs/promises';
import type { Clock } from '../../../base/clock.ts';
import { AllowedAddresses } from '../../../base/http/allowed-addresses.ts';
import type { Logger } from '../../../base/logger.ts';
import type { RecorderSettings } from '../../settings.ts';
import { WebhookSender } from './webhook-sender.ts';

/** Opens the configured webhook. undefined: none is configured, or URL or secret is missing, which is logged. */
export async function openWebhook(
  settings: RecorderSettings,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<WebhookSender | undefined> {
  const urlFile = settings.LIVECHANNEL_WEBHOOK_URL_FILE;
  const secretFile = settings.LIVECHANNEL_WEBHOOK_SECRET_FILE;
  if (urlFile === undefined && secretFile === undefined) return undefined;
  if (urlFile === undefined || secretFile === undefined) {
    logger.error(
      {},
      'webhooks are not sent: set both LIVECHANNEL_WEBHOOK_URL_FILE and LIVECHANNEL_WEBHOOK_SECRET_FILE',
    );
    return undefined;
  }
  const addresses = new AllowedAddresses({
    setting: 'LIVECHANNEL_WEBHOOK_ALLOWED_NETWORKS',
    networks: settings.LIVECHANNEL_WEBHOOK_ALLOWED_NETWORKS,
  });
  const caFile = settings.LIVECHANNEL_WEBHOOK_CA_FILE;
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') };
  return new WebhookSender({ urlFile, secretFile, addresses, clock, ...ca });
}
