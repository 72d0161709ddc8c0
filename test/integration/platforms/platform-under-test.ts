import type { PlatformDriver } from '../../../src/platforms/driver.ts';
import type { ProvisionedStream } from '../../../src/platforms/platform.ts';
import type { RtmpsPublisher } from '../../support/ingest/rtmps-publisher.ts';

/** Calls that change something, so that a response may be lost after their effect. */
export type ChangingCall = 'createStream' | 'rotateKey' | 'deleteStream';

/** What the conformance suite needs from a platform: several instances of the driver, and ways to disturb it. */
export interface PlatformUnderTest extends AsyncDisposable {
  /**
   * The driver as the operator of this cluster opens it, with everything configured that its options need (signing
   * keys,
   * recordings). `platform` is the name of the StreamingPlatform. Called more than once.
   */
  open(clusterId: string, platform: string): PlatformDriver;
  /** The same with credentials that the platform does not know. */
  openWithWrongCredentials(): PlatformDriver;
  /** The same at a URL where nothing responds. */
  openUnreachable(): PlatformDriver;
  /** Publishes a test video and a tone to the stream, over RTMPS with verification of the certificate. */
  publish(stream: ProvisionedStream): RtmpsPublisher;
  /** Creates a stream without the operator; returns its ID. */
  makeForeignStream(): Promise<string>;
  /** Whether the platform has such a stream, of any owner; checked without the driver. */
  exists(id: string): Promise<boolean>;
  /**
   * The next such call has its effect, but its response is lost. If the driver's SDK repeats the call, all its
   * responses
   * are lost.
   */
  loseNextAnswer?(call: ChangingCall): void;
  /** A well-formed ID of this platform that no stream has. */
  readonly absentId: string;
  /** The values of the Secret, which must never appear anywhere. */
  readonly secrets: readonly string[];
  /** Timeout for anything that depends on media, in seconds. Default: 60. */
  readonly patienceSeconds?: number;
}
