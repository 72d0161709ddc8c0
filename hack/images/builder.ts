/** What a Dockerfile's stage is built with. */
export interface BuildOrder {
  /** The context: the checkout. */
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  readonly target: string;
  /** The name of the result. */
  readonly tag: string;
  readonly arguments: Readonly<Record<string, string>>;
  /** A stage that isn't built but taken from an image made before. */
  readonly madeBefore?: { readonly stage: string; readonly image: string };
  /** Keep every step for later builds; without it only the result is kept. */
  readonly keepSteps: boolean;
}

/** A program that builds Dockerfiles: Docker, or buildah where no Docker runs. */
export interface Builder {
  readonly name: string;
  hasImage(tag: string): Promise<boolean>;
  /** Fetches an image from a registry; false when none answers soon. */
  pull(tag: string): Promise<boolean>;
  /** Makes an image of a root file system's tar. */
  importRootFileSystem(archive: string, tag: string): Promise<void>;
  build(order: BuildOrder): Promise<void>;
  /** Writes an image to a file that `docker load` and `ctr images import` read, under the name `reference`. */
  save(tag: string, file: string, reference: string): Promise<void>;
  remove(tag: string): Promise<void>;
}
