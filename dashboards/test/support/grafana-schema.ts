import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/**
 * Grafana publishes its dashboard schema as types only, so the committed JSON is type-checked: it becomes the initial value of a constant
 * of that type. Enums count as the words they stand for. `auto…` and `definition` of variables and what a query in SQL is made of are not in the schema.
 */
const HEADER = `
import type { AnnotationQuery, Dashboard, DataQuery, VariableModel } from '@grafana/schema';
type Plain<T> = T extends string ? \`\${T}\`
  : T extends number ? (\`\${T}\` extends \`\${infer N extends number}\` ? N : number)
  : T extends boolean | null | undefined ? T
  : T extends readonly (infer E)[] ? Plain<E>[]
  : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
interface Sql extends DataQuery { rawSql: string; format: string; editorMode: string; rawQuery: boolean }
interface Committed extends Omit<Dashboard, 'annotations' | 'templating'> {
  annotations?: { list?: AnnotationQuery<Sql>[] };
  templating?: { list?: (VariableModel & { auto?: boolean; auto_min?: string; auto_count?: number; definition?: string })[] };
}
`;

/** What the compiler has against the dashboards in a directory; empty when nothing. */
export function schemaProblems(directory: string, change: (json: string) => string = (json) => json): string[] {
  const constants = readdirSync(directory)
    .filter((file) => file.endsWith('.json'))
    .map(
      (file) =>
        `export const ${file.replace(/\W/g, '_')}: Plain<Committed> = ${change(readFileSync(join(directory, file), 'utf8'))};`,
    );
  const path = join(import.meta.dirname, 'committed-dashboards.ts');
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: [] },
    ...{
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
    },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === path || fileExists(name);
  host.getSourceFile = (name, version, ...rest) =>
    name === path
      ? ts.createSourceFile(path, [HEADER, ...constants].join('\n'), version)
      : getSourceFile(name, version, ...rest);
  const program = ts.createProgram([path], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
