import type { StreamingPlatformSpec } from '../../api/streaming-platform.ts';
import { PlatformError } from '../errors.ts';

export type IvsSpec = NonNullable<StreamingPlatformSpec['ivs']>;
export type IvsChannelType = IvsSpec['channelType'];

/** Returns spec.ivs. Throws InvalidConfiguration for mistakes that can be detected without a call to IVS. */
export function ivsSpecOf({ ivs }: StreamingPlatformSpec): IvsSpec {
  if (ivs === undefined) throw invalid('spec.ivs must be set when spec.provider is ivs.');
  const { region, recordingConfigurationArn } = ivs;
  const recordingRegion = recordingConfigurationArn?.split(':')[3];
  if (recordingRegion !== undefined && recordingRegion !== region)
    throw invalid(
      `spec.ivs.recordingConfigurationArn is in ${recordingRegion} and the channels are in ${region}; ` +
        'IVS records only within a region. Use a recording configuration of that region.',
    );
  return ivs;
}

/** The address of IVS's API: the configured endpoint, or that of the region. */
export function ivsEndpointOf({ endpoint, region }: Pick<IvsSpec, 'endpoint' | 'region'>): string {
  return endpoint?.replace(/\/+$/, '') ?? `https://ivs.${region}.amazonaws.com`;
}

function invalid(message: string): PlatformError {
  return new PlatformError('InvalidConfiguration', message, { retryable: false });
}
