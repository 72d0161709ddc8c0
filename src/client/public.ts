/** The public face of `@livechannel/client`. Pure re-exports, so that a bundler drops what an app does not use. */
export {
  createLiveChannelClient,
  type AppRouter,
  type LiveChannelClient,
  type LiveChannelClientOptions,
} from './client.ts';
export type { TokenRequest, TokenSource } from './authorized-fetch.ts';
export { LiveChannelProblem, problemOf, type ProblemCode, type RequestFault } from './problem.ts';
export * from './schemas.ts';
