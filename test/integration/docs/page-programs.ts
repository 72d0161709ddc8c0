import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { blocksOf, readDoc } from '../../support/docs/markdown-blocks.ts';
import { checkout } from '../../support/docs/pages.ts';

/** Files of an app as the pages show them, in one folder, where Node.js runs them. */
export class PagePrograms implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<PagePrograms> {
    // Inside of the checkout: the imported packages are there.
    await mkdir(join(checkout, '.local'), { recursive: true });
    return new PagePrograms(await mkdtemp(join(checkout, '.local/page-programs-')));
  }

  /** Takes over the blocks of the page whose first lines name these files. */
  async take(page: string, ...paths: readonly string[]): Promise<void> {
    const blocks = blocksOf(await readDoc(page), 'ts');
    for (const path of paths) {
      const block = blocks.find((each) => each.startsWith(`// ${path}\n`));
      if (block === undefined) throw new Error(`${page} has no ${path}`);
      await this.write(basename(path), block);
    }
  }

  async write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.#folder, path)), { recursive: true });
    await writeFile(join(this.#folder, path), text);
  }

  /** Runs a file with these variables alone; a program that does not end is stopped. */
  run(
    file: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ code: unknown; stdout: string; stderr: string }> {
    return new Promise((done) => {
      const options = { cwd: this.#folder, env: { ...env }, timeout: 30_000 };
      execFile(process.execPath, ['--no-warnings', file], options, (error, stdout, stderr) => {
        done({ code: error === null ? 0 : error.code, stdout, stderr });
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
