import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PAGE = 'docs/security/threat-model.md';
const page = readFileSync(PAGE, 'utf8');

interface Claim {
  readonly attacker: string;
  readonly cannot: string;
  readonly tests: readonly { readonly title: string; readonly file: string }[];
}

/** Every row of the tables of what attackers cannot do. */
function claims(): Claim[] {
  return page.split(/^## /m).flatMap((section) => {
    const table = section.search(/\| they cannot +\|/);
    if (table < 0) return [];
    const attacker = section.slice(0, section.indexOf('\n'));
    const rows = section.slice(table).split(/\n(?!\|)/, 1)[0] ?? '';
    return rows
      .split('\n')
      .slice(2)
      .map((row) => {
        const [, cannot = '', shown = ''] = row.split('|').map((cell) => cell.trim());
        const links = [...shown.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)];
        return { attacker, cannot, tests: links.map(([, title = '', file = '']) => ({ title, file })) };
      });
  });
}

/** Whether a test file has a test of that title. */
function hasTest(path: string, title: string): boolean {
  if (!existsSync(path)) return false;
  const text = readFileSync(path, 'utf8');
  return ["'", '"', '`'].some(
    (quote) => text.includes(`(${quote}${title}${quote}`) || text.includes(`  ${quote}${title}${quote},\n`),
  );
}

describe('the threat model', () => {
  const found = claims();

  it('speaks of four attackers, and says of each what they can do too', () => {
    expect([...new Set(found.map(({ attacker }) => attacker))]).toEqual([
      'Somebody with a stolen device',
      'A malicious insider',
      'The operator of the broker',
      'Somebody on the network',
    ]);
    expect(page.match(/^They \*\*can\*\* /gm)).toHaveLength(4);
    expect(found.length).toBeGreaterThan(40);
  });

  it.each(found)('$attacker: cannot $cannot', ({ tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    const missing = tests.filter(({ title, file }) => !hasTest(join(dirname(PAGE), file), title));
    expect(missing).toEqual([]);
  });

  it('would be found to name a test that is not there', () => {
    expect(hasTest('deploy/test/threat-model.spec.ts', 'would be found to name a test that is not there')).toBe(true);
    expect(hasTest('deploy/test/threat-model.spec.ts', 'something else')).toBe(false);
    expect(hasTest('deploy/test/no-such.spec.ts', 'x')).toBe(false);
  });
});
