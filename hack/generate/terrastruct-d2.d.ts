/**
 * The part of the package that hack/generate/diagrams.ts uses. The package's export map hides its own types from
 * TypeScript.
 */
declare module '@terrastruct/d2' {
  import type { Worker } from 'node:worker_threads';

  export interface Compiled {
    readonly diagram: unknown;
    readonly renderOptions: Readonly<Record<string, unknown>>;
  }

  /** One request at a time: a second request before the first answer receives that answer. */
  export class D2 {
    /** Runs until it is terminated, and keeps the process alive. */
    readonly worker: Worker;
    compile(request: {
      readonly fs: Readonly<Record<string, string>>;
      readonly inputPath: string;
      readonly options: Readonly<Record<string, unknown>>;
    }): Promise<Compiled>;
    render(diagram: unknown, options: Readonly<Record<string, unknown>>): Promise<string>;
  }
}
