const PLACEHOLDER = '{channelId}';

/**
 * The channel ID for which the template has the Agora channel's name: "42" for "live_42" with "live_{channelId}".
 * undefined: the name does not match.
 */
export function channelIdFrom(template: string, agoraChannel: string): string | undefined {
  const at = template.indexOf(PLACEHOLDER);
  if (at < 0) return undefined;
  const before = template.slice(0, at);
  const after = template.slice(at + PLACEHOLDER.length);
  const length = agoraChannel.length - before.length - after.length;
  if (length < 1 || !agoraChannel.startsWith(before) || !agoraChannel.endsWith(after)) return undefined;
  return agoraChannel.slice(before.length, before.length + length);
}
