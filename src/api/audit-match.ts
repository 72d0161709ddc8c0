/** How the filters of the audit log compare a channel and a caller. */
export const auditMatches = ['whole', 'prefix'] as const;
export type AuditMatch = (typeof auditMatches)[number];
