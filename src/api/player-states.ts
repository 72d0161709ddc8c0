/**
 * What a viewer sees, one at a time:
 *
 *   connecting        the service is asked, or the first playlist is loading
 *   waiting-for-host  the channel is not on air, and nothing is wrong
 *   tap-to-play       the browser plays only after a tap
 *   playing
 *   paused            by the viewer
 *   buffering         media is there, and does not arrive fast enough
 *   reconnecting      the network, the playlist or the platform does not answer
 *   migrating         the show moves to another stream; the old one plays meanwhile, or its last frame is held
 *   ended             the show is over
 *   not-allowed       the viewer may not watch: refused, or expired and not renewed
 *   platform-out      the channel is wanted on air and is not: its relay or its platform fails
 *   use-agora         viewers are sent to Agora
 *   unsupported       this browser cannot play HLS
 */
export const playerStates = [
  'connecting',
  'waiting-for-host',
  'tap-to-play',
  'playing',
  'paused',
  'buffering',
  'reconnecting',
  'migrating',
  'ended',
  'not-allowed',
  'platform-out',
  'use-agora',
  'unsupported',
] as const;
export type PlayerState = (typeof playerStates)[number];
