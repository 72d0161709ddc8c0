import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { extractZip } from '../../../../hack/tools/zip.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zip-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A zip of these files, with compression method 0 (stored) or 8 (deflated). */
function zip(files: readonly { name: string; text: string; method: 0 | 8 }[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, text, method } of files) {
    const data = method === 8 ? deflateRawSync(text) : Buffer.from(text);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(4, 28); // An extra field that the central directory does not have.
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    const record = Buffer.concat([local, Buffer.from(name), Buffer.alloc(4), data]);
    locals.push(record);
    directory.push(entry, Buffer.from(name));
    offset += record.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

test('stored and deflated files under the prefix are unpacked, programs as executables', async () => {
  const archive = zip([
    { name: 'go@1/bin/go', text: 'program', method: 8 },
    { name: 'go@1/LICENSE', text: 'license', method: 0 },
    { name: 'other/file', text: 'no', method: 0 },
  ]);
  await extractZip(archive, folder, 'go@1/', (name) => name.startsWith('bin/'));
  expect(await readFile(join(folder, 'bin/go'), 'utf8')).toBe('program');
  expect(await readFile(join(folder, 'LICENSE'), 'utf8')).toBe('license');
  expect((await stat(join(folder, 'bin/go'))).mode & 0o111).not.toBe(0);
  expect((await stat(join(folder, 'LICENSE'))).mode & 0o111).toBe(0);
  await expect(stat(join(folder, 'other'))).rejects.toThrow(/ENOENT/);
});

test('an entry outside of the folder is rejected', async () => {
  const archive = zip([{ name: 'go@1/../../evil', text: 'x', method: 0 }]);
  await expect(extractZip(archive, folder, 'go@1/', () => false)).rejects.toThrow(/outside of its folder/);
});

test('a file that is not a zip is rejected', async () => {
  await expect(extractZip(Buffer.from('<html>'), folder, '', () => false)).rejects.toThrow(/not a zip/);
});
