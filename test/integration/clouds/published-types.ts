import ts from 'typescript';

/**
 * Compares JSON with an interface of a package's declaration files: the provider's published description of its
 * responses.
 * Returns one line per difference: a required field that is missing, a field that the interface does not have, a
 * value of another type. The interface is found by name in the file or in what it re-exports.
 */
export class PublishedTypes {
  readonly #checker: ts.TypeChecker;
  readonly #source: ts.SourceFile;

  constructor(declarationFile: string) {
    const program = ts.createProgram([declarationFile], {
      strict: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
    });
    this.#checker = program.getTypeChecker();
    const source = program.getSourceFile(declarationFile);
    if (source === undefined) throw new Error(`${declarationFile} does not exist`);
    this.#source = source;
  }

  differences(interfaceName: string, value: unknown): string[] {
    const symbol = this.#checker.getSymbolAtLocation(this.#source);
    const found = symbol?.exports?.get(ts.escapeLeadingUnderscores(interfaceName));
    if (found === undefined) throw new Error(`${this.#source.fileName} does not export ${interfaceName}`);
    return this.#compare(interfaceName, this.#checker.getDeclaredTypeOfSymbol(found), value);
  }

  #compare(path: string, type: ts.Type, value: unknown): string[] {
    if (type.isUnion()) {
      const attempts = type.types.map((one) => this.#compare(path, one, value));
      return attempts.find((differences) => differences.length === 0) ?? attempts.at(-1) ?? [];
    }
    const element = this.#checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    if (element !== undefined && this.#checker.isArrayType(type)) {
      if (!Array.isArray(value)) return [`${path}: is no list`];
      return value.flatMap((one, at) => this.#compare(`${path}[${String(at)}]`, element, one));
    }
    if ((type.flags & ts.TypeFlags.Object) !== 0) return this.#compareObject(path, type, value);
    const wanted = this.#checker.typeToString(type);
    return wanted === JSON.stringify(value) || wanted === typeof value
      ? []
      : [`${path}: ${JSON.stringify(value)} is no ${wanted}`];
  }

  #compareObject(path: string, type: ts.Type, value: unknown): string[] {
    if (typeof value !== 'object' || value === null) return [`${path}: is no object`];
    const properties = new Map(this.#checker.getPropertiesOfType(type).map((one) => [one.name, one]));
    const given = new Map<string, unknown>(Object.entries(value));
    const differences = [...given.keys()]
      .filter((name) => !properties.has(name))
      .map((name) => `${path}.${name}: is not published`);
    for (const [name, property] of properties) {
      const optional = (property.flags & ts.SymbolFlags.Optional) !== 0;
      if (!given.has(name)) {
        if (!optional) differences.push(`${path}.${name}: is missing`);
        continue;
      }
      const declared = this.#checker.getTypeOfSymbolAtLocation(property, this.#source);
      const inner = optional ? this.#checker.getNonNullableType(declared) : declared;
      differences.push(...this.#compare(`${path}.${name}`, inner, given.get(name)));
    }
    return differences;
  }
}
