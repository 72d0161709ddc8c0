import { z } from 'zod';

export const loginMethods = ['api-key', 'oidc'] as const;
export type LoginMethod = (typeof loginMethods)[number];

/** Scopes with which a browser can log in. Viewers need no session. */
export const loginScopes = ['operate', 'admin'] as const;
export type LoginScope = (typeof loginScopes)[number];

/** GET /login */
export const loginMethodsSchema = z.object({ methods: z.array(z.enum(loginMethods)) });
export type LoginMethodsView = z.infer<typeof loginMethodsSchema>;

/** POST /login */
export const loginRequestSchema = z.strictObject({ apiKey: z.string().min(1).max(256) });

/** POST /login and GET /v1/session: who, with which scope, and when the session ends unless it is renewed. */
export const sessionViewSchema = z.object({
  subject: z.string(),
  scope: z.enum(loginScopes),
  expiresAt: z.iso.datetime(),
});
export type SessionView = z.infer<typeof sessionViewSchema>;
