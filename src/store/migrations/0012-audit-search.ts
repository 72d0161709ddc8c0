/**
 * Indices for entries whose channel or caller begins with a text; a caller also by the last part of its name. Cut off, because
 * an index has a limit that the name of a caller must not reach: the entry could not be written. audit.ts has the same
 * expressions.
 */
export const auditSearch = `
create index on livechannel_audit (namespace, left(lower(channel_id), 128) text_pattern_ops);
create index on livechannel_audit (namespace, left(lower(subject), 128) text_pattern_ops);
create index on livechannel_audit (namespace, left(lower(substring(subject from '[^#:]*$')), 128) text_pattern_ops);
`;
