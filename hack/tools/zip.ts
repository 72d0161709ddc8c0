import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { inflateRawSync } from 'node:zlib';

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;

/**
 * Unpacks the files of a zip that are under `prefix` into `folder`. Supports the features that a Go module's zip uses
 * (stored and deflated entries, no zip64); see APPNOTE.TXT 4.3 of PKWARE. Node has zlib but no reader for the
 * container.
 */
export async function extractZip(
  zip: Buffer,
  folder: string,
  prefix: string,
  isExecutable: (name: string) => boolean,
): Promise<void> {
  for (const entry of entriesOf(zip)) {
    if (!entry.name.startsWith(prefix) || entry.name.endsWith('/')) continue;
    const name = entry.name.slice(prefix.length);
    if (normalize(name).startsWith('..')) throw new Error(`zip entry ${entry.name} is outside of its folder`);
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, contentOf(zip, entry), { mode: isExecutable(name) ? 0o755 : 0o644 });
  }
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly compressedSize: number;
  readonly headerOffset: number;
}

function* entriesOf(zip: Buffer): Generator<Entry> {
  const signature = Buffer.alloc(4);
  signature.writeUInt32LE(endOfDirectory);
  const end = zip.lastIndexOf(signature);
  if (end < 0) throw new Error('not a zip file: it has no end of central directory');
  let offset = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(offset) !== directoryEntry) throw new Error('zip: broken central directory');
    const nameLength = zip.readUInt16LE(offset + 28);
    yield {
      name: zip.toString('utf8', offset + 46, offset + 46 + nameLength),
      method: zip.readUInt16LE(offset + 10),
      compressedSize: zip.readUInt32LE(offset + 20),
      headerOffset: zip.readUInt32LE(offset + 42),
    };
    offset += 46 + nameLength + zip.readUInt16LE(offset + 30) + zip.readUInt16LE(offset + 32);
  }
}

function contentOf(zip: Buffer, entry: Entry): Buffer {
  // The local header repeats the name, and its extra field may have another length.
  const nameLength = zip.readUInt16LE(entry.headerOffset + 26);
  const extraLength = zip.readUInt16LE(entry.headerOffset + 28);
  const start = entry.headerOffset + 30 + nameLength + extraLength;
  const data = zip.subarray(start, start + entry.compressedSize);
  if (entry.method === 0) return data;
  if (entry.method === 8) return inflateRawSync(data);
  throw new Error(
    `zip entry ${entry.name} uses compression method ${String(entry.method)}, which is not supported`,
  );
}
