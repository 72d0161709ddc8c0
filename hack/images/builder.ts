/** A stage of a Dockerfile to build. */
export interface BuildOrder {
  /** The build context: the checkout. */
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  readonly target: string;
  /** The reference of the resulting image. */
  readonly tag: string;
  readonly arguments: Readonly<Record<string, string>>;
  /** A stage that is not built but replaced by an existing image. */
  readonly madeBefore?: { readonly stage: string; readonly image: string };
  /** Keep every step for later builds. Otherwise only the result is kept. */
  readonly keepSteps: boolean;
}

/** A program that builds Dockerfiles: Docker, or buildah if Docker is not running. */
export interface Builder {
  readonly name: string;
  hasImage(tag: string): Promise<boolean>;
  /** Pulls an image from a registry. Returns false if none answers soon. */
  pull(tag: string): Promise<boolean>;
  /** Creates an image from a tar of a root file system. */
  importRootFileSystem(archive: string, tag: string): Promise<void>;
  build(order: BuildOrder): Promise<void>;
  /** Writes an image to a file that `docker load` and `ctr images import` read, under the name `reference`. */
  save(tag: string, file: string, reference: string): Promise<void>;
  remove(tag: string): Promise<void>;
}
