import { TestEnvironment } from 'jest-environment-jsdom';

/** jsdom with what browsers have for requests and streams, from Node: the client of tRPC reads events from a stream. */
export default class JsdomWithStreams extends TestEnvironment {
  async setup() {
    await super.setup();
    const { ReadableStream, Response } = globalThis;
    Object.assign(this.global, { ReadableStream, Response });
  }
}
