import type { Platform, ProvisionedStream } from '../../../src/platforms/platform.ts';
import type { RtmpsPublisher } from '../../support/ingest/rtmps-publisher.ts';

/** Calls that change something, and whose answer may therefore be lost after their effect. */
export type ChangingCall = 'createStream' | 'rotateKey' | 'deleteStream';

/** What the conformance suite needs of a platform: the driver in several hands, and ways to disturb it. */
export interface PlatformUnderTest extends AsyncDisposable {
  /**
   * The driver as the operator of this cluster has it, with everything configured that makes its options possible
   * (signing keys, recordings). `platform` is the name of the StreamingPlatform. Called more than once.
   */
  open(clusterId: string, platform: string): Platform;
  /** The same with credentials that the platform does not know. */
  openWithWrongCredentials(): Platform;
  /** The same at an address where nothing answers. */
  openUnreachable(): Platform;
  /** Pushes a test picture and a tone to the stream, over RTMPS with the certificate checked. */
  publish(stream: ProvisionedStream): RtmpsPublisher;
  /** Makes a stream that no operator made; gives its id. */
  makeForeignStream(): Promise<string>;
  /** Whether the platform has such a stream, whoever made it; asked without the driver. */
  exists(id: string): Promise<boolean>;
  /**
   * The next such call has its effect, and its answer is lost. Where a driver's SDK says a call again by itself, all
   * of its answers are.
   */
  loseNextAnswer?(call: ChangingCall): void;
  /** Well-formed as an id of this platform, and of no stream. */
  readonly absentId: string;
  /** What must never be read anywhere: the values of the Secret. */
  readonly secrets: readonly string[];
  /** How long to wait for anything that media does, in seconds. Default: 60. */
  readonly patienceSeconds?: number;
}
