import { errorMessage } from '../../../src/base/error-text.ts';

/** An environment variable that a benchmark reads: `make bench-api SECONDS=3`. */
export interface Setting<T> {
  /** For --help: its meaning, with the unit. */
  readonly help: string;
  /** The default, as a user would write it. */
  readonly otherwise: string;
  /** Throws with what the value must be. */
  readonly parse: (text: string) => T;
}

export type Settings = Readonly<Record<string, Setting<unknown>>>;
export type SettingValues<S extends Settings> = {
  readonly [Name in keyof S]: S[Name] extends Setting<infer T> ? T : never;
};

export function numberSetting(otherwise: number, help: string): Setting<number> {
  return {
    ...{ help, otherwise: String(otherwise) },
    parse: (text) => {
      const value = Number(text);
      if (value > 0 && Number.isFinite(value)) return value;
      throw new Error(`must be a number above 0, not "${text}"`);
    },
  };
}

export function textSetting(otherwise: string, help: string): Setting<string> {
  return { help, otherwise, parse: (text) => text };
}

/** The named ones of the known values, separated by blanks or commas. */
export function choiceSetting<T extends string>(
  known: readonly T[],
  help: string,
  otherwise: readonly T[] = known,
): Setting<readonly T[]> {
  return {
    ...{ help: `${help}; any of ${known.join(', ')}`, otherwise: otherwise.join(' ') },
    parse: (text) =>
      text.split(/[\s,]+/).map((word) => {
        const found = known.find((each) => each === word);
        if (found === undefined) throw new Error(`has no value "${word}", only ${known.join(', ')}`);
        return found;
      }),
  };
}

/**
 * Reads the settings from the environment. An empty variable counts as unset. Throws with the names of invalid ones.
 */
export function readSettings<S extends Settings>(
  settings: S,
  environment: NodeJS.ProcessEnv,
): SettingValues<S> {
  const problems: string[] = [];
  const values = Object.entries(settings).map(([name, { otherwise, parse }]) => {
    const given = environment[name] ?? '';
    try {
      return [name, parse(given === '' ? otherwise : given)];
    } catch (error) {
      problems.push(`${name} ${errorMessage(error)}`);
      return [];
    }
  });
  if (problems.length > 0) throw new Error(problems.join('; '));
  return Object.fromEntries(values) as SettingValues<S>; // each has been parsed by its own parse
}
