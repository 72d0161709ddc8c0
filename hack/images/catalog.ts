/** An image of the project, and its inputs (paths relative to the checkout). */
export interface Image {
  readonly name: string;
  readonly dockerfile: string;
  /**
   * The Dockerfile's stage with everything but the program. It is built once and kept, so that a change of the program
   * adds only one small layer.
   */
  readonly base: string;
  /** Inputs of the base, beside the Dockerfile and the pinned Node. */
  readonly baseInputs: readonly string[];
  /** Inputs of the last layers. `*.mjs` stands for the files of that kind in dist/ itself. */
  readonly contents: readonly string[];
  /** Duration of the first build on two cores, for the progress line. */
  readonly firstBuild: string;
  /** Built only if it is named explicitly. */
  readonly onRequest?: true;
}

const runtime = ['hack/images/closure.sh', 'hack/images/rootfs'];
const media = [...runtime, 'relay-image/ffmpeg', 'relay-image/browser'];

export const images = [
  {
    name: 'operator',
    dockerfile: 'Dockerfile',
    base: 'runtime',
    baseInputs: runtime,
    contents: ['dist/*.mjs', 'dist/api-docs', 'dist/pages'],
    firstBuild: '30 s',
  },
  {
    name: 'relay',
    dockerfile: 'relay-image/Dockerfile',
    base: 'relay-base',
    baseInputs: media,
    contents: ['dist/*.mjs', 'dist/relay-page'],
    firstBuild: '4 min',
  },
  {
    name: 'relay-chromium',
    dockerfile: 'relay-image/Dockerfile',
    base: 'relay-chromium-base',
    baseInputs: media,
    contents: ['dist/*.mjs', 'dist/relay-page'],
    firstBuild: '4 min',
    onRequest: true,
  },
  {
    name: 'origin',
    dockerfile: 'relay-image/Dockerfile',
    base: 'origin-base',
    baseInputs: [...runtime, 'relay-image/ffmpeg'],
    contents: ['dist/*.mjs', 'dist/origin-assets'],
    firstBuild: '30 s',
  },
  {
    name: 'demo',
    dockerfile: 'relay-image/Dockerfile',
    base: 'demo-base',
    baseInputs: media,
    contents: ['dist/demo'],
    firstBuild: '30 s',
  },
  {
    name: 'postgres',
    dockerfile: 'relay-image/postgres/Dockerfile',
    base: 'postgres-base',
    baseInputs: ['hack/images/closure.sh', 'hack/images/rootfs', 'relay-image/postgres/install.sh'],
    contents: ['relay-image/postgres/start.sh', 'relay-image/postgres/pg_hba.conf'],
    firstBuild: '1 min',
  },
] as const satisfies readonly Image[];

export type ImageName = (typeof images)[number]['name'];

/** The images that `make images` builds. */
export const usualImages: readonly Image[] = images.filter((image: Image) => image.onRequest !== true);

export function findImage(name: string): Image {
  const image = images.find((candidate) => candidate.name === name);
  if (image === undefined) {
    throw new Error(`no image "${name}"; there are: ${images.map((known) => known.name).join(', ')}`);
  }
  return image;
}
