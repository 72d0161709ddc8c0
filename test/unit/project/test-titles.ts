import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import ts from 'typescript';
import { checkout, filesBelow } from '../../support/docs/pages.ts';
import type { ProseLine } from './prose.ts';

/** The titles of all tests, and the labels in the rows of their tables. Code spans are blanked. */
export async function allTestTitles(): Promise<ProseLine[]> {
  const paths = await filesBelow('test', '.test.ts');
  const files = await Promise.all(
    paths.map(async (path) => titlesIn(path, await readFile(resolve(checkout, path), 'utf8'))),
  );
  return files.flat();
}

export function titlesIn(path: string, source: string): ProseLine[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const titles: ProseLine[] = [];
  const add = (node: ts.Expression): void => {
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    const text = ts.isStringLiteralLike(node) ? node.text : node.getText(file).slice(1, -1);
    titles.push({ path, line, text: text.replaceAll(/`[^`]*`|\$\{[^}]*\}/g, ' ') });
  };
  const visit = (node: ts.Node): void => {
    const title =
      ts.isCallExpression(node) && isTestFunction(node.expression) ? node.arguments[0] : undefined;
    if (title !== undefined && (ts.isStringLiteralLike(title) || ts.isTemplateExpression(title))) add(title);
    if (title !== undefined && ts.isCallExpression(node))
      for (const label of labelsOf(node.expression, title.getText(file), file)) add(label);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return titles;
}

/** `test`, `describe.skip`, `test.each(rows)`, `test.each<Row>(rows)`. */
function isTestFunction(node: ts.Expression): boolean {
  if (ts.isIdentifier(node)) return ['describe', 'test', 'it'].includes(node.text);
  if (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node))
    return isTestFunction(node.expression);
  return false;
}

/** The first string of each row, if the title begins with a placeholder for it or contains one in prose. */
function labelsOf(callee: ts.Expression, title: string, file: ts.SourceFile): ts.Expression[] {
  const table = ts.isCallExpression(callee) && title.includes('%s') ? callee.arguments[0] : undefined;
  return table === undefined
    ? []
    : rowsOf(table, file).flatMap((row) => {
        const label = ts.isArrayLiteralExpression(row) ? row.elements[0] : row;
        return label !== undefined && ts.isStringLiteralLike(label) ? [label] : [];
      });
}

/** The rows of an array literal, also of one that a constant of the same file holds. */
function rowsOf(table: ts.Expression, file: ts.SourceFile): readonly ts.Expression[] {
  if (ts.isArrayLiteralExpression(table)) return table.elements;
  if (ts.isAsExpression(table)) return rowsOf(table.expression, file);
  if (!ts.isIdentifier(table)) return [];
  const constants = file.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations]);
  const { initializer } = constants.find(({ name }) => name.getText(file) === table.text) ?? {};
  return initializer === undefined ? [] : rowsOf(initializer, file);
}
