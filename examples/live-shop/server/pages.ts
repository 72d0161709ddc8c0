import { readdir, readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

interface PageFile {
  readonly type: string;
  readonly cache: string;
  readonly body: Buffer;
}

/** The addresses of pages: the script decides what each shows. */
const isPage = (path: string): boolean => path === '/' || /^\/(?:show|sell)\/[\w-]+$/.test(path);

/** Reads what `npm run build` has written, and answers requests for pages and their files with it. */
export async function readPages(folder: URL): Promise<(path: string, response: ServerResponse) => void> {
  const files = await filesIn(folder).catch((error: unknown) => {
    throw new Error(`There are no pages in ${folder.pathname}. Run npm run build first.`, { cause: error });
  });
  return (path, response) => {
    const file = files.get(isPage(path) ? '/index.html' : path);
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { type, cache, body } = file;
    const headers = { 'content-type': type, 'cache-control': cache, 'x-content-type-options': 'nosniff' };
    response.writeHead(200, headers).end(body);
  };
}

async function filesIn(folder: URL): Promise<ReadonlyMap<string, PageFile>> {
  const names = await readdir(new URL('assets/', folder));
  // A name in assets/ has the hash of the content, and never another content.
  const assets = names.map((name) => fileOf(folder, `assets/${name}`, 'public, max-age=31536000, immutable'));
  return new Map(await Promise.all([fileOf(folder, 'index.html', 'no-cache'), ...assets]));
}

async function fileOf(folder: URL, name: string, cache: string): Promise<readonly [string, PageFile]> {
  const type = types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
  return [`/${name}`, { type, cache, body: await readFile(new URL(name, folder)) }];
}
