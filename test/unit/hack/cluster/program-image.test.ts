import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { programImage } from '../../../../hack/cluster/program-image.ts';
import { tar } from '../../../../hack/cluster/tar.ts';

/** Reads a tar as the format describes it: a header of 512 bytes, then the content in blocks of 512 bytes. */
function untar(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let offset = 0; archive[offset] !== 0;) {
    const text = (from: number, length: number) =>
      archive.toString('latin1', offset + from, offset + from + length);
    const size = Number.parseInt(text(124, 11), 8);
    const sum = archive
      .subarray(offset, offset + 512)
      .reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
    expect(Number.parseInt(text(148, 6), 8)).toBe(sum);
    files.set(text(0, 100).replace(/\0.*/s, ''), archive.subarray(offset + 512, offset + 512 + size));
    offset += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

const descriptor = z.object({ digest: z.string(), size: z.number() });

test('an image contains its program only, and all its digests are right', () => {
  const program = Buffer.from('#!/bin/true');
  const files = untar(programImage('example.dev/thing:1', 'thing', program));
  for (const [name, content] of files) {
    if (!name.startsWith('blobs/')) continue;
    expect(name).toBe(`blobs/sha256/${createHash('sha256').update(content).digest('hex')}`);
  }
  const blob = (of: z.infer<typeof descriptor>) =>
    files.get(`blobs/${of.digest.replace(':', '/')}`) ?? Buffer.alloc(0);
  const index = z
    .object({ manifests: z.tuple([descriptor.extend({ annotations: z.record(z.string(), z.string()) })]) })
    .parse(JSON.parse(String(files.get('index.json'))));
  expect(index.manifests[0].annotations).toEqual({ 'io.containerd.image.name': 'example.dev/thing:1' });
  const manifest = z
    .object({ config: descriptor, layers: z.tuple([descriptor]) })
    .parse(JSON.parse(String(blob(index.manifests[0]))));
  expect([...untar(blob(manifest.layers[0]))]).toEqual([['thing', program]]);
  expect(JSON.parse(String(blob(manifest.config)))).toMatchObject({ config: { Entrypoint: ['/thing'] } });
});

test('a name that is too long for the tar format is rejected', () => {
  expect(() => tar([{ name: 'x'.repeat(101), content: Buffer.alloc(0), mode: 0o644 }])).toThrow(
    /longer than 100/,
  );
});
