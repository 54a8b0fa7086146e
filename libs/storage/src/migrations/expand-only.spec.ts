import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** The schema of the first release: what comes after it must let the release before go on working (docs/operations/upgrades.md). */
const BASELINE = 1764000007000;
const DIRECTORY = join(process.cwd(), 'libs/storage/src/migrations');

/** What an old process beside the new schema would stumble over. `-- contract:` on the line says that no release uses it any more. */
function forbidden(source: string): string[] {
  const up = source.slice(0, Math.max(source.indexOf('async down('), 0) || undefined);
  return up
    .split('\n')
    .filter((line) => !line.includes('-- contract:'))
    .filter(
      (line) =>
        /\bDROP\s+(TABLE|COLUMN|VIEW|FUNCTION)\b|\bRENAME\b|\bSET\s+NOT\s+NULL\b|\bALTER\s+COLUMN\s+\w+\s+TYPE\b/i.test(
          line,
        ) ||
        (/\bADD\s+COLUMN\b/i.test(line) && /\bNOT\s+NULL\b/i.test(line) && !/\bDEFAULT\b/i.test(line)),
    );
}

describe('migrations only expand', () => {
  it.each(readdirSync(DIRECTORY).filter((name) => /^\d+-/.test(name) && Number.parseInt(name, 10) >= BASELINE))(
    '%s',
    (name) => {
      const found = forbidden(readFileSync(join(DIRECTORY, name), 'utf8'));
      expect(found.filter((line) => !line.includes('DROP INDEX'))).toEqual([]);
    },
  );

  it.each([
    ['ALTER TABLE lamp DROP COLUMN pole', 1],
    ['ALTER TABLE lamp RENAME COLUMN pole TO post', 1],
    ['ALTER TABLE lamp ADD COLUMN colour text NOT NULL', 1],
    ["ALTER TABLE lamp ADD COLUMN colour text NOT NULL DEFAULT ''", 0],
    ['ALTER TABLE lamp DROP COLUMN pole; -- contract: unused since 0.2', 0],
  ])('%s counts %i', (sql, count) => {
    expect(forbidden(sql)).toHaveLength(count);
  });
});
