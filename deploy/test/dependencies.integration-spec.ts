import { afterEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { exceptionProblems, judgeAudit } from '../../scripts/check-dependencies.mjs';

const ADVISORY = {
  url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
  name: 'pg',
  range: '<9',
  severity: 'high',
  title: 'Bad',
};
const reportOf = (...via: object[]) => ({
  auditReportVersion: 2,
  vulnerabilities: { pg: { via }, typeorm: { via: ['pg'] } },
});
const EXCEPTION = {
  ...{ advisory: 'GHSA-aaaa-bbbb-cccc', package: 'pg', until: '2026-12-31' },
  reason: 'Only reached by COPY from a file, which Felinar never does',
};

describe('what is known against dependencies', () => {
  it('is bad when it is high or critical, and nothing excepts it today', () => {
    expect(judgeAudit(reportOf(ADVISORY), [], '2026-12-01')?.problems).toEqual([
      'pg <9: high: Bad (https://github.com/advisories/GHSA-aaaa-bbbb-cccc)',
    ]);
    expect(judgeAudit(reportOf({ ...ADVISORY, severity: 'moderate' }), [], '2026-12-01')).toEqual({
      problems: [],
      excepted: 0,
      known: 1,
    });
    expect(judgeAudit(reportOf(ADVISORY), [EXCEPTION], '2026-12-31')).toEqual({ problems: [], excepted: 1, known: 1 });
    expect(judgeAudit(reportOf(ADVISORY), [EXCEPTION], '2027-01-01')?.problems).toHaveLength(1);
    expect(judgeAudit(reportOf(ADVISORY), [{ ...EXCEPTION, package: 'mqtt' }], '2026-12-01')?.problems).toHaveLength(1);
    expect(judgeAudit({ message: '405 Method Not Allowed' }, [], '2026-12-01')).toBeUndefined();
  });

  it('is excepted with a reason and an end only', () => {
    expect(exceptionProblems([EXCEPTION], '2026-12-31')).toEqual([]);
    for (const bad of [{ advisory: '1' }, { reason: 'no' }, { until: 'never' }, { until: '2026-12-30' }])
      expect(exceptionProblems([{ ...EXCEPTION, ...bad }], '2026-12-31')).toHaveLength(1);
  });
});

/** npm's own client against a registry of ours. */
describe('npm run check:dependencies', () => {
  let registry: Server | undefined;
  afterEach(() => void registry?.close());

  async function registryWith(advisories: object): Promise<string> {
    registry = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.method !== 'POST') return response.writeHead(404).end('{}');
        const body = Buffer.concat(chunks);
        const asked = JSON.parse(String(body[0] === 0x1f ? gunzipSync(body) : body)) as object;
        // Of tools that only developers have, nothing is asked.
        const answer = 'pg' in asked && '@nestjs/core' in asked && !('jest' in asked) ? advisories : { wrong: [] };
        return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    });
    registry.listen(0, '127.0.0.1');
    await once(registry, 'listening');
    return `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;
  }

  const check = (url: string, ...options: string[]) =>
    run('scripts/check-dependencies.mjs', options, {
      npm_config_registry: url,
      npm_config_cache: join(tmpdir(), 'felinar-npm-cache'),
    });

  it('passes when there is nothing, and fails when there is something', async () => {
    const { code, said } = await check(await registryWith({}));
    expect([said, code]).toEqual(['Dependencies: nothing high or critical (0 advisories in all, 0 excepted).\n', 0]);
    registry?.close();
    const advisory = {
      id: 1,
      url: ADVISORY.url,
      title: 'Bad',
      severity: 'critical',
      vulnerable_versions: '>=0',
      cwe: [],
      cvss: { score: 9 },
    };
    const found = await check(await registryWith({ pg: [advisory] }));
    expect([found.said, found.code]).toEqual([expect.stringContaining('pg >=0: critical: Bad'), 1]);
  }, 120_000);

  it('says that it has not checked when nobody answers, and fails by that only where it is required', async () => {
    const away = await check('http://127.0.0.1:1/');
    expect([away.said, away.code]).toEqual([expect.stringMatching(/^NOT CHECKED: the registry could not be asked/), 0]);
    expect((await check('http://127.0.0.1:1/', '--required')).code).toBe(1);
  }, 120_000);
});

describe('npm run sbom', () => {
  it('lists what Felinar runs with, and gives the same bytes again', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'felinar-sbom-'));
    try {
      const [one, two] = [join(directory, 'one.json'), join(directory, 'two.json')];
      for (const path of [one, two]) expect((await run('scripts/sbom.mjs', [path])).code).toBe(0);
      const text = await readFile(one, 'utf8');
      expect(await readFile(two, 'utf8')).toBe(text);
      const sbom = JSON.parse(text) as { bomFormat: string; components: { name: string; group?: string }[] };
      expect(sbom.bomFormat).toBe('CycloneDX');
      const names = new Set(
        sbom.components.map(({ name, group }) => (group === undefined ? name : `${group}/${name}`)),
      );
      const { dependencies, devDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as Record<
        string,
        object
      >;
      expect(Object.keys(dependencies ?? {}).filter((name) => !names.has(name))).toEqual([]);
      expect(['jest', 'eslint'].filter((name) => name in (devDependencies ?? {}) && names.has(name))).toEqual([]);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }, 60_000);
});

function run(
  script: string,
  options: string[],
  environment: Record<string, string> = {},
): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...environment };
    execFile(process.execPath, [script, ...options], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), said: stderr + stdout });
    });
  });
}
