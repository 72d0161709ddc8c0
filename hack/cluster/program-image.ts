import { createHash } from 'node:crypto';
import { tar } from './tar.ts';

/** An archive of an image (OCI image layout in a tar) that contains one static program and nothing else. */
export function programImage(reference: string, program: string, content: Buffer): Buffer {
  const blobs = new Map<string, Buffer>();
  const add = (mediaType: string, blob: Buffer) => {
    const digest = createHash('sha256').update(blob).digest('hex');
    blobs.set(`blobs/sha256/${digest}`, blob);
    return { mediaType, digest: `sha256:${digest}`, size: blob.length };
  };
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));

  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const layer = add('application/vnd.oci.image.layer.v1.tar', tar([{ name: program, content, mode: 0o755 }]));
  const config = add(
    'application/vnd.oci.image.config.v1+json',
    json({
      architecture,
      os: 'linux',
      config: { Entrypoint: [`/${program}`], User: '65535:65535' },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }),
  );
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = add(
    manifestType,
    json({ schemaVersion: 2, mediaType: manifestType, config, layers: [layer] }),
  );
  const index = json({
    schemaVersion: 2,
    manifests: [{ ...manifest, annotations: { 'io.containerd.image.name': reference } }],
  });
  return tar(
    [
      ['oci-layout', json({ imageLayoutVersion: '1.0.0' })] as const,
      ['index.json', index] as const,
      ...blobs,
    ].map(([name, blob]) => ({ name, content: blob, mode: 0o644 })),
  );
}
