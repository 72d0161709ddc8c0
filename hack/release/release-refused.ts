export type RefusalCode =
  'VersionInvalid' | 'VersionNotHigher' | 'TagExists' | 'TreeDirty' | 'ChangelogEmpty' | 'FileUnexpected';

/** A release that must not happen. The message names the problem and the remedy. Nothing has been changed. */
export class ReleaseRefused extends Error {
  override readonly name = 'ReleaseRefused';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}
