import { UserError } from '../base/errors.ts';
import { connect } from './connect.ts';
import type { DatabaseUrl } from './database-url.ts';
import { StoreError } from './errors.ts';
import { findLayout, type DatabaseLayout } from './layout.ts';

/** The operator starts without a database that does not answer by then. */
const TIMEOUT_MS = 3_000;

const advice =
  'knows no namespaces: any user who may create a LiveChannel in some namespace could put an address into its rows. Set ' +
  'LIVECHANNEL_APP_NAMESPACE (chart: database.appNamespace) to the namespace of the channels that belong in it, or keep ' +
  'everything in the schema "livechannel" with `livechannel migrate --own-schema` before its first run';

/** The namespace whose channels are in the app's tables. @throws StoreError of reason Invalid if none is named. */
export function appNamespaceOf({ app, appNamespace }: Pick<DatabaseLayout, 'app' | 'appNamespace'>): string {
  if (appNamespace !== undefined) return appNamespace;
  throw new StoreError('Invalid', `The app's table ${app?.schema ?? ''}.channels ${advice}`);
}

export interface NamedNamespaces {
  /** That of the app's tables. */
  readonly app: string | undefined;
  /** The namespaces that are watched; undefined: all. */
  readonly watched: readonly string[] | undefined;
}

/**
 * Refuses a database whose table of channels is the app's own unless exactly one namespace is named for it. Accepts a
 * database that does not answer: then the store refuses to write the table.
 *
 * @throws UserError
 */
export async function requireAppNamespace(
  url: DatabaseUrl,
  { app, watched }: NamedNamespaces,
): Promise<void> {
  const db = connect({
    ...{ url, poolSize: 1, connectTimeoutMs: TIMEOUT_MS, statementTimeoutMs: TIMEOUT_MS },
    onBroken: () => undefined,
  });
  try {
    const layout = await findLayout(db).catch(() => undefined);
    const schema = layout?.channelsSchema ?? undefined;
    if (schema === undefined) return;
    if (app === undefined) throw new UserError(`The app's table ${schema}.channels ${advice}.`);
    if (watched !== undefined && !watched.includes(app))
      throw new UserError(
        `LIVECHANNEL_APP_NAMESPACE is ${app}, which is not among LIVECHANNEL_WATCH_NAMESPACES: ${watched.join(', ')}. ` +
          `Nothing would be written into the app's table ${schema}.channels. Add it there, or name another one.`,
      );
  } finally {
    await db.destroy();
  }
}
