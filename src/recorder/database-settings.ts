import { databaseUrlFrom, type DatabaseUrl } from '../store/database-url.ts';
import { requireAppNamespace } from '../store/app-namespace.ts';
import type { RecorderSettings } from './settings.ts';

/** The database of the settings; undefined: there is none. */
export function databaseOf(settings: RecorderSettings): DatabaseUrl | undefined {
  return databaseUrlFrom({
    DATABASE_URL: settings.DATABASE_URL?.reveal(),
    DATABASE_URL_FILE: settings.DATABASE_URL_FILE,
  });
}

/** The namespace of the app's tables: the one that is set, or else the only one that is watched. */
export function appNamespaceIn(
  settings: Pick<RecorderSettings, 'LIVECHANNEL_APP_NAMESPACE'>,
  watched: readonly string[] | undefined,
): string | undefined {
  return settings.LIVECHANNEL_APP_NAMESPACE ?? (watched?.length === 1 ? watched[0] : undefined);
}

/**
 * Accepts a database that cannot be reached: the recorder tries again, and says why.
 * @throws UserError if the settings and the database contradict each other
 */
export async function verifyDatabaseSettings(
  settings: RecorderSettings,
  watched: readonly string[] | undefined,
): Promise<void> {
  let url: DatabaseUrl | undefined;
  try {
    url = databaseOf(settings);
  } catch {
    return;
  }
  if (url !== undefined) await requireAppNamespace(url, { app: appNamespaceIn(settings, watched), watched });
}
