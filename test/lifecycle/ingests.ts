import {
  PublishRefused,
  type PaperMedia,
  type PaperPublication,
  type PaperPublisher,
} from '../fixtures/clouds/paper-media.ts';

/** Maps ingest URLs to media: several accounts may share one host, and each key is known to only one of them. */
export class Ingests {
  #media: readonly PaperMedia[] = [];

  /** Replaces the set of media. */
  set(media: readonly PaperMedia[]): void {
    this.#media = media;
  }

  /** Throws PublishRefused. */
  publish(hostname: string, publication: PaperPublication): PaperPublisher {
    let refused = new PublishRefused(publication.app, 'unknown-key');
    for (const media of this.#media.filter(({ ingestUrl }) => new URL(ingestUrl).hostname === hostname)) {
      try {
        return media.publish(publication);
      } catch (error) {
        if (!(error instanceof PublishRefused)) throw error;
        if (error.reason !== 'unknown-key') refused = error;
      }
    }
    throw refused;
  }
}
