/** What a benchmark is told by the environment. make passes what it was not given as an empty string. */
export function textSetting(name: string, otherwise: string): string {
  const given = process.env[name] ?? '';
  return given === '' ? otherwise : given;
}

/** Throws where it is no positive number. */
export function numberSetting(name: string, otherwise: number): number {
  const value = Number(textSetting(name, String(otherwise)));
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`${name} must be a number above 0, not "${process.env[name] ?? ''}"`);
}

/** Those of the known that are named, separated by blanks or commas; all where none is. Throws at an unknown one. */
export function choiceSetting<T extends string>(name: string, known: readonly T[]): readonly T[] {
  const given = textSetting(name, known.join(' ')).split(/[\s,]+/);
  return given.map((word) => {
    const found = known.find((each) => each === word);
    if (found === undefined) throw new Error(`${name}: there is no "${word}", only ${known.join(', ')}`);
    return found;
  });
}
