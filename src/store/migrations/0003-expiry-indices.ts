/** By which rows that are kept no longer are found, each round of upkeep, without reading the tables. */
export const expiryIndices = `
create index on livechannel_audit using brin (at) with (autosummarize = on);
create index on livechannel_costs using brin (hour) with (autosummarize = on);
create index on livechannel_alerts (resolved_at) where resolved_at is not null;
`;
