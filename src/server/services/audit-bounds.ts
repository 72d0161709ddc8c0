import type { AuditEntry } from '../../store/store.ts';

/** Longest texts of an entry, in UTF-16 units: whatever a caller sends, an entry has a few kilobytes. */
const LONGEST = {
  subject: 1_024,
  action: 64,
  namespace: 253,
  channelId: 512,
  outcome: 64,
  requestId: 128,
} as const;
/** Longer than an IPv6 address with its zone. What a proxy passes on need not be an address. */
const LONGEST_ADDRESS = 64;
/** Longest detail, as JSON. Of a longer one, the entry has the beginning. */
const LONGEST_DETAIL = 8_192;
const LONGEST_BEGINNING = 2_048;

/** The entry without what exceeds the bounds. */
export function boundedEntry(entry: AuditEntry): AuditEntry {
  const { at, subject, action, namespace, channelId, outcome, requestId, detail, address } = entry;
  return {
    at,
    subject: subject.slice(0, LONGEST.subject),
    action: action.slice(0, LONGEST.action),
    namespace: namespace.slice(0, LONGEST.namespace),
    channelId: channelId?.slice(0, LONGEST.channelId),
    outcome: outcome.slice(0, LONGEST.outcome),
    requestId: requestId.slice(0, LONGEST.requestId),
    detail: boundedDetail(detail),
    ...(address === undefined ? {} : { address: address.slice(0, LONGEST_ADDRESS) }),
  };
}

function boundedDetail(detail: unknown): unknown {
  const json = JSON.stringify(detail) as string | undefined;
  if (json === undefined || json.length <= LONGEST_DETAIL) return detail;
  return { truncated: true, length: json.length, beginning: json.slice(0, LONGEST_BEGINNING) };
}
