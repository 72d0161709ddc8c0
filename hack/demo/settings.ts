import { z } from 'zod';

const hex32 = z.string().regex(/^[0-9a-f]{32}$/i, 'must be 32 hexadecimal digits, as in the Agora console');
/** make exports an empty string for a setting that is not set. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

const schema = z
  .object({
    AGORA_APP_ID: optional(hex32),
    AGORA_APP_CERTIFICATE: optional(hex32),
    AGORA_CHANNEL: optional(z.string().min(1).max(64)),
    LIVECHANNEL_DEMO_PICTURE: optional(z.string().regex(/^\d+x\d+@\d+$/, 'must be like 1280x720@30')),
  })
  .refine((s) => (s.AGORA_APP_ID === undefined) === (s.AGORA_APP_CERTIFICATE === undefined), {
    message: 'set both AGORA_APP_ID and AGORA_APP_CERTIFICATE, or none',
  });

export interface DemoSettings {
  /** Real Agora instead of the local edge. */
  readonly agora: { readonly appId: string; readonly appCertificate: string } | undefined;
  readonly agoraChannel: string;
  readonly picture: {
    readonly width: number;
    readonly height: number;
    readonly fps: number;
    readonly bitrateKbps: number;
  };
}

export function demoSettings(environment: Readonly<Record<string, string | undefined>>): DemoSettings {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const { AGORA_APP_ID, AGORA_APP_CERTIFICATE, AGORA_CHANNEL, LIVECHANNEL_DEMO_PICTURE } = parsed.data;
  const [width = 1280, height = 720, fps = 25] = (LIVECHANNEL_DEMO_PICTURE ?? '1280x720@25')
    .split(/[x@]/)
    .map(Number);
  return {
    agora:
      AGORA_APP_ID === undefined || AGORA_APP_CERTIFICATE === undefined
        ? undefined
        : { appId: AGORA_APP_ID, appCertificate: AGORA_APP_CERTIFICATE },
    agoraChannel: AGORA_CHANNEL ?? 'show-1',
    picture: { width, height, fps, bitrateKbps: Math.round((width * height * fps) / 11_000) },
  };
}
