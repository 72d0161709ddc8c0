/** Indices with which each round of upkeep finds expired rows without reading whole tables. */
export const expiryIndices = `
create index on livechannel_audit using brin (at) with (autosummarize = on);
create index on livechannel_costs using brin (hour) with (autosummarize = on);
create index on livechannel_alerts (resolved_at) where resolved_at is not null;
`;
