export interface TestArguments {
  /** Suites that run one after the other. */
  readonly front: readonly string[];
  /** Suites that run beside the last of them. */
  readonly beside: readonly string[];
  readonly jestArguments: readonly string[];
}

/** Reads SUITE... [--beside SUITE...] [-- JEST_ARGUMENTS]. */
export function parseArguments(args: readonly string[]): TestArguments {
  const [names, jestArguments] = splitAt(args, '--');
  const [front, beside] = splitAt(names, '--beside');
  return { front, beside, jestArguments };
}

function splitAt(args: readonly string[], separator: string): [readonly string[], readonly string[]] {
  const index = args.indexOf(separator);
  return index < 0 ? [args, []] : [args.slice(0, index), args.slice(index + 1)];
}
