interface Rates {
  readonly savedPerHourUsd: string | null;
  readonly agoraAlonePerHourUsd: string | null;
}

/** The share of the cost on Agora alone that is saved: negative if it costs more; undefined: unknown, or of nothing. */
export function savedShare({ savedPerHourUsd, agoraAlonePerHourUsd }: Rates): number | undefined {
  if (savedPerHourUsd === null || agoraAlonePerHourUsd === null) return undefined;
  const whole = Number(agoraAlonePerHourUsd);
  return whole > 0 ? Number(savedPerHourUsd) / whole : undefined;
}
