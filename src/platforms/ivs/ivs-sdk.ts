/** A file of its own, to be loaded when it is needed: bundled, a CommonJS package loaded by itself has no names. */
export { Ivs } from '@aws-sdk/client-ivs';
