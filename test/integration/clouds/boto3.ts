import { execFile, spawn } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { z } from 'zod';
import { foldersFrom } from '../../../hack/tools/folders.ts';

const exec = promisify(execFile);

/** Its service models are the published descriptions with which the fixture is compared. */
// renovate: datasource=pypi depName=boto3
const BOTO3 = '1.44.5';

/** Python with boto3: installed once into the cache, for all checkouts. */
export async function pythonWithBoto3(): Promise<string> {
  const folder = join(foldersFrom(process.env).cache, 'python', `boto3-${BOTO3}`);
  const python = join(folder, 'bin', 'python');
  if (await exists(python)) return python;
  const draft = `${folder}.${String(process.pid)}`;
  await mkdir(draft, { recursive: true });
  try {
    await exec('python3', ['-m', 'venv', draft]).catch((cause: unknown) => {
      throw new Error('python3 cannot create a virtual environment. Run: apt-get install python3-venv', {
        cause,
      });
    });
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `boto3==${BOTO3}`];
    await exec(join(draft, 'bin', 'python'), [...install, `botocore==${BOTO3}`]);
    // Another process may have been faster; its copy is used then.
    await rename(draft, folder).catch(async (error: unknown) => {
      if (!(await exists(python))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return python;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

const outcomeSchema = z.union([
  z.object({
    answer: z.record(z.string(), z.unknown()),
    status: z.number(),
    /** Differences between the response as received and the service model. */
    problems: z.array(z.string()),
  }),
  z.object({ refused: z.string(), class: z.string(), status: z.number(), message: z.string() }),
]);
export type Outcome = z.infer<typeof outcomeSchema>;

export interface Boto3Options {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Boto3Call extends Partial<Boto3Options> {
  /** false: requests that boto3 itself would reject are sent, too. */
  readonly checked?: boolean;
  /** The operation's own paginator reads all pages. */
  readonly paginate?: boolean;
}

/** A Python process that makes one boto3 call after the other. */
export class Boto3 implements AsyncDisposable {
  readonly #options: Boto3Options;
  readonly #child;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<void>;
  #said = '';

  constructor(python: string, options: Boto3Options) {
    this.#options = options;
    // Nothing from the environment: keys and URLs are those of the call.
    const env = { PATH: process.env['PATH'] ?? '', AWS_EC2_METADATA_DISABLED: 'true' };
    this.#child = spawn(python, [join(import.meta.dirname, 'boto3-session.py')], { env });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    this.#ended = new Promise((resolve) =>
      this.#child.once('close', () => {
        resolve();
      }),
    );
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** One call after the other: responses have no IDs. */
  async call(operation: string, parameters: object = {}, call: Boto3Call = {}): Promise<Outcome> {
    const request = { ...this.#options, checked: true, ...call, operation, parameters };
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`boto3 exited: ${this.#said}`);
    return outcomeSchema.parse(JSON.parse(line.value));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }
}
