import { readFile } from 'node:fs/promises';
import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { z } from 'zod';

/** A file of the build: `/` and `..` are not in its alphabet. */
const nameSchema = z.string().regex(/^[\w-]+(?:\.[\w-]+)*\.(?:js|css)$/);

/** pages/NAME/index.json, which the build writes: what the page names, of the files beside it. */
export const pageIndexSchema = z.object({
  script: nameSchema,
  styles: z.array(nameSchema).min(1).max(20),
  /** Scripts that the first one imports, or needs soon, to load with it instead of after it. */
  preload: z.array(nameSchema).max(20),
  files: z.array(nameSchema).max(200),
});
export type PageIndex = z.infer<typeof pageIndexSchema>;

export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
  readonly gzipped: Buffer;
}

export interface PageFiles {
  readonly index: PageIndex;
  readonly files: ReadonlyMap<string, PageFile>;
}

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** Reads what the build has put into the folder of a page: less than 2 MB, kept in memory. */
export async function readPageFiles(folder: URL): Promise<PageFiles> {
  const index = pageIndexSchema.parse(JSON.parse(await readFile(new URL('index.json', folder), 'utf8')));
  const files = await Promise.all(
    index.files.map(async (name): Promise<[string, PageFile]> => {
      const content = await readFile(new URL(name, folder));
      const type = types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
      return [name, { type, content, gzipped: await promisify(gzip)(content, { level: 9 }) }];
    }),
  );
  return { index, files: new Map(files) };
}
