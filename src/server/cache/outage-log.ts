import type { Logger } from '../../base/logger.ts';

export interface OutageLogOptions {
  readonly logger: Logger;
  /** Log messages of the first failure and of the recovery. */
  readonly failed: string;
  readonly recovered: string;
}

/** Runs work that is repeated at an interval. Of failures in a row, the first is logged, and so is the recovery. */
export class OutageLog {
  readonly #options: OutageLogOptions;
  #failing = false;

  constructor(options: OutageLogOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async run(work: () => Promise<void>): Promise<void> {
    const { logger, failed, recovered } = this.#options;
    try {
      await work();
      if (this.#failing) logger.info({}, recovered);
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) logger.warn({ err: error }, failed);
      this.#failing = true;
    }
  }
}
