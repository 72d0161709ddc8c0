/** From where a change was requested. Entries of earlier versions, of notifications and of the command line have none. */
export const auditAddress = `
alter table livechannel_audit add column address text;
comment on column livechannel_audit.address is 'Address of the client, behind trusted proxies; null: the change was not requested by HTTP, or before this column existed.';
`;
