import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const { dependencies, imports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  imports: Record<string, { source: string }>;
};

/** The image `app` has these and what they depend on, and nothing of devDependencies. */
const installed = new Set(Object.keys(dependencies));
/** What docker-compose.yml starts in it. */
const PROGRAMS = ['apps/api', 'apps/ingest', 'apps/control', 'apps/monitor', 'simulators'];

/** Packages that a program loads at run time, each with the file that does. */
function packagesOf(entry: string): ReadonlyMap<string, string> {
  const packages = new Map<string, string>();
  const seen = new Set<string>();
  const waiting = [join(ROOT, entry)];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const name of importsOf(readFileSync(file, 'utf8'))) {
      if (name.startsWith('node:')) continue;
      if (name.startsWith('.')) waiting.push(join(dirname(file), name.replace(/\.js$/, '.ts')));
      else if (name.startsWith('#')) waiting.push(join(ROOT, sourceOf(name)));
      else packages.set(packageOf(name), file);
    }
  }
  return packages;
}

/** Without those of types, which are gone after the build. */
function importsOf(text: string): string[] {
  const statements = text.matchAll(
    /^(?:import|export)\s(?!type\s)(?:[^'";]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...statements].flatMap(([whole, from, loaded]) => {
    const names = /\{([^}]*)\}/
      .exec(whole)?.[1]
      ?.split(',')
      .filter((each) => each.trim() !== '');
    const isOfTypes = names !== undefined && names.length > 0 && names.every((each) => each.trim().startsWith('type '));
    return isOfTypes ? [] : [from ?? loaded ?? ''];
  });
}

function sourceOf(name: string): string {
  const direct = imports[name]?.source;
  if (direct !== undefined) return direct;
  const [folder = '', rest = ''] = name.split(/\/(.*)/);
  return (imports[`${folder}/*`]?.source ?? '').replace('*', rest);
}

function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}

describe('the image', () => {
  it.each(PROGRAMS)('has every package that %s loads', (program) => {
    const packages = packagesOf(join(program, 'src/main.ts'));
    expect(packages.size).toBeGreaterThan(program === 'simulators' ? 0 : 5);
    expect([...packages].filter(([name]) => !installed.has(name))).toEqual([]);
  });

  it('would be found to lack one', () => {
    expect(
      importsOf(`import type { A } from 'a';\nimport { type B } from 'b';\nimport { type C, d } from 'c';\n`),
    ).toEqual(['c']);
    expect(importsOf(`import 'e';\nexport * from './f.js';\nconst g = await import('g');`)).toEqual([
      'e',
      './f.js',
      'g',
    ]);
    expect([...packagesOf('apps/standalone/src/main.ts').keys()]).toContain('testcontainers');
    expect(existsSync(join(ROOT, sourceOf('#libs/storage')))).toBe(true);
  });
});
