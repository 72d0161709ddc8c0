/**
 * node hack/tools/main.ts build [TOOL...]          builds the named tools, or all
 * node hack/tools/main.ts path [TOOL] PROGRAM      prints a program's path, and builds it first if necessary
 */
import { parseArgs } from 'node:util';
import { errorMessage } from '../../src/base/error-text.ts';
import { ensureBuilt, ensureTool } from './build.ts';
import { findTool, tools } from './catalog.ts';
import { foldersFrom } from './folders.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const [command, ...names] = positionals;
const folders = foldersFrom(process.env);
const report = (line: string) => process.stderr.write(`${line}\n`);

/** The named tool, or the tool that contains the named program. */
function toolOf([first = '', program]: readonly string[]) {
  const found = tools.find(({ name, binaries }) =>
    program === undefined ? binaries.some((binary) => binary.name === first) : name === first,
  );
  if (found !== undefined) return found;
  const programs = tools.flatMap(({ binaries }) => binaries.map((binary) => binary.name));
  throw new Error(`no tool has a program "${program ?? first}"; there are: ${programs.join(', ')}`);
}

try {
  if (command === 'build') {
    for (const tool of names.length === 0 ? tools : names.map(findTool)) {
      await ensureBuilt(folders, tool, report);
    }
  } else if (command === 'path' && (names.length === 1 || names.length === 2)) {
    const tool = toolOf(names);
    console.log(await ensureTool(folders, tool.name, report, names.at(-1)));
  } else {
    throw new Error('usage: main.ts build [TOOL...] | path [TOOL] PROGRAM');
  }
} catch (error) {
  report(`tools: ${errorMessage(error)}`);
  process.exitCode = 1;
}
