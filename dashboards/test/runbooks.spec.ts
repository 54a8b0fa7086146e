import { describe, expect, it } from '@jest/globals';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runbookProblems } from '../../scripts/check-runbooks.mjs';

const ROOT = join(import.meta.dirname, '..', '..');

describe('runbooks', () => {
  it('have a heading for every alert', () => {
    expect(runbookProblems(ROOT)).toEqual([]);
  });

  it('are missed when a heading goes, and found idle when an alert does', async () => {
    const copy = await mkdtemp(join(tmpdir(), 'runbooks-'));
    for (const folder of ['alerts', 'runbooks'])
      await cp(join(ROOT, 'dashboards', folder), join(copy, 'dashboards', folder), { recursive: true });
    const path = join(copy, 'dashboards/runbooks/ingest.md');
    await writeFile(
      path,
      (await readFile(path, 'utf8')).replace('## FelinarEnergyNotBooked', '## FelinarEnergyIsFine'),
    );
    expect(runbookProblems(copy)).toEqual([
      expect.stringContaining('FelinarEnergyNotBooked: its runbook_url'),
      expect.stringContaining('ingest.md#felinarenergyisfine: there is no such alert'),
    ]);
    await rm(copy, { recursive: true });
  });
});
