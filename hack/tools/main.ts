/**
 * node hack/tools/main.ts build [TOOL...]          builds the tools named, or all
 * node hack/tools/main.ts path TOOL [PROGRAM]      prints a program's path, building it first if needed
 */
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureTool } from './build.ts';
import { findTool, tools } from './catalog.ts';
import { foldersFrom } from './folders.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const [command, ...names] = positionals;
const folders = foldersFrom(process.env);
const report = (line: string) => process.stderr.write(`${line}\n`);

try {
  if (command === 'build') {
    for (const tool of names.length === 0 ? tools : names.map(findTool)) {
      await ensureBuilt(folders, tool, report);
    }
  } else if (command === 'path' && names.length >= 1 && names.length <= 2) {
    const known = tools.find((tool) => tool.name === names[0]) ?? findTool(names[0] ?? '');
    const name = tools.find((tool) => tool.name === known.name)?.name;
    if (name !== undefined) console.log(await ensureTool(folders, name, report, names[1]));
  } else {
    throw new Error('use: main.ts build [TOOL...] | path TOOL [PROGRAM]');
  }
} catch (error) {
  report(`tools: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
