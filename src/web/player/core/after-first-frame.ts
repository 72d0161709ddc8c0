/** What has a use only once there is a frame: one file, which does not compete with the first one. */
export { HeldFrame } from './held-frame.ts';
export { connectMediaSession } from './media-session.ts';
