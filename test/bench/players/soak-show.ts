import type { HlsServer } from '../../fixtures/hls/hls-server.ts';

/** Something that happens to a show, and how the show goes on afterwards. Times are those of the show. */
export interface SoakFault {
  readonly name: string;
  readonly seconds: number;
  readonly begin: (show: SoakShow) => void;
  readonly end: (show: SoakShow) => void;
}

/** A channel on air, whose stream fails and is replaced. */
export class SoakShow {
  readonly #server: HlsServer;
  #streams = 0;
  #restarts = 0;

  constructor(server: HlsServer) {
    this.#server = server;
    this.#begin();
  }

  fault(faults: Parameters<HlsServer['fault']>[1]): void {
    this.#server.fault(this.#name(), faults);
  }

  /** The origin restarts, as it does by higher numbers, or by lower ones. */
  restart(lower: boolean): void {
    this.#restarts += 1;
    this.#server.restart(this.#name(), {
      firstSequence: lower ? 0 : this.#restarts * 1_000_000,
      discontinuitySequence: this.#restarts * 1_000,
    });
  }

  /** To another stream; the old one goes on until `leave`. */
  migrate(): void {
    this.#begin();
  }

  leave(): void {
    this.#server.end(this.#name(this.#streams - 1));
  }

  setOnAir(onAir: boolean): void {
    const playbackUrl = `${this.#server.url}/live/${this.#name()}/index.m3u8`;
    this.#server.channels.set('show', { playbackUrl, onAir });
  }

  #begin(): void {
    this.#streams += 1;
    this.#server.begin(this.#name());
    this.setOnAir(true);
  }

  #name(stream = this.#streams): string {
    return `soak-${String(stream)}`;
  }
}

const during = (name: string, seconds: number, faults: Parameters<SoakShow['fault']>[0]): SoakFault => ({
  ...{ name, seconds },
  begin: (show) => show.fault(faults),
  end: (show) => show.fault({}),
});

const nothing = (): void => undefined;

export const soakFaults: readonly SoakFault[] = [
  during('playlist 404', 8, { playlistStatus: 404 }),
  during('playlist 503', 8, { playlistStatus: 503 }),
  during("a gateway's page", 8, { garbage: true }),
  during('segments 404', 10, { segmentStatus: 404 }),
  { name: 'origin restarted', seconds: 1, begin: (show) => show.restart(false), end: nothing },
  { name: 'origin restarted, lower numbers', seconds: 1, begin: (show) => show.restart(true), end: nothing },
  { name: 'migration', seconds: 40, begin: (show) => show.migrate(), end: (show) => show.leave() },
  {
    name: 'host away',
    seconds: 20,
    begin: (show) => {
      show.fault({ playlistStatus: 404 });
      show.setOnAir(false);
    },
    end: (show) => {
      show.fault({});
      show.setOnAir(true);
    },
  },
];
