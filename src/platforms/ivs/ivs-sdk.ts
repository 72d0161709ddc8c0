/**
 * Re-exports the SDK for a dynamic import. In the bundle, a dynamic import of the CommonJS package itself would have no
 * named exports.
 */
export { Ivs } from '@aws-sdk/client-ivs';
