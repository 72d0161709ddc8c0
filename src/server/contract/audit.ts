import { z } from 'zod';
import { auditMatches } from '../../api/audit-match.ts';
import { isPlainText } from '../../base/plain-text.ts';

/** Operations of the service whose calls are recorded, those that were refused included. */
const auditedOperations = [
  'createChannel',
  'changeChannel',
  'changeModes',
  'endChannel',
  'startRelay',
  'stopRelay',
  'rotateStreamKey',
  'agoraToken',
  'createTicket',
  'createApiKey',
  'revokeApiKey',
] as const;
export type AuditedOperation = (typeof auditedOperations)[number];

/** `livechannel api-key` on the command line. */
const commandLineActions = ['api-key.create', 'api-key.rotate', 'api-key.revoke'] as const;
export type CommandLineAction = (typeof commandLineActions)[number];

/** Every action that entries of the audit log may have. */
export const auditActions = [...auditedOperations, 'login', 'logout', ...commandLineActions] as const;
export type AuditAction = (typeof auditActions)[number];

/** Filters of a query for entries of the audit log, for REST and tRPC. */
export const auditFilters = {
  subject: z
    .string()
    .min(1)
    .max(1_024)
    .refine(isPlainText, 'has control characters')
    .optional()
    .describe('Of this caller, such as api-key:3fK9sLq0XbTz or command-line.'),
  match: z
    .enum(auditMatches)
    .optional()
    .describe(
      'How subject and channelId are compared. whole, the default; or prefix: entries whose channel or caller begins with the text, in any case. A caller matches also by the last part of its name, such as alice of oidc:https://issuer.example#alice.',
    ),
  action: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .optional()
    .describe('Of this action: an operation such as stopRelay, login or logout.'),
  from: z.iso.datetime({ offset: true }).optional().describe('Not before this time.'),
  to: z.iso.datetime({ offset: true }).optional().describe('Before this time.'),
} as const;

export const auditEntryViewSchema = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    subject: z.string().describe('Who: the caller, or `anonymous` where a login was refused.'),
    action: z.string(),
    channelId: z.string().nullable(),
    outcome: z.string().describe('`ok`, or the code of the problem.'),
    requestId: z.string().describe('As in the log of the service; empty for the command line.'),
    address: z
      .string()
      .nullable()
      .describe('From where: the address of the client; null: not requested by HTTP, or unknown.'),
    detail: z.unknown().describe('What was requested, without secrets.'),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntryView = z.infer<typeof auditEntryViewSchema>;
