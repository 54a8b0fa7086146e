import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { promtool } from '#libs/services';
import { TEST_SERVICES_DIRECTORY, testVariable } from '#libs/testing';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..', '..');
const RULES = join(ROOT, 'dashboards/alerts/felinar.rules.yaml');
const CASES = join(import.meta.dirname, 'alert-rules.test.yaml');

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string }[] }[];
}

interface Cases {
  readonly tests: readonly {
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
  }[];
}

describe('alert rules, by Prometheus’ own tool', () => {
  let tool: string;

  beforeAll(async () => {
    tool = await promtool(testVariable(TEST_SERVICES_DIRECTORY));
  }, 300_000);

  const run = async (...args: string[]) => {
    const { stdout, stderr } = await promisify(execFile)(tool, args);
    return stdout + stderr;
  };

  /** Files as the image has them, with the places of this repository. */
  async function inDirectory<T>(files: Readonly<Record<string, string>>, work: (directory: string) => Promise<T>) {
    const directory = await mkdtemp(join(tmpdir(), 'felinar-promtool-'));
    try {
      for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
      return await work(directory);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  it('are read, and so is the configuration that names them', async () => {
    const configuration = await readFile(join(ROOT, 'deploy/prometheus/prometheus.yml'), 'utf8');
    const here = configuration.replace('/etc/prometheus/rules', join(ROOT, 'dashboards/alerts'));
    expect(here).not.toBe(configuration);
    const said = await inDirectory({ 'prometheus.yml': here }, (directory) =>
      run('check', 'config', join(directory, 'prometheus.yml')),
    );
    expect(said).toContain('is valid prometheus config file syntax');
    expect(said).toMatch(/SUCCESS: \d+ rules found/);
  });

  it('speak when they should, and only then', async () => {
    expect(await run('test', 'rules', CASES)).toContain('SUCCESS');
  }, 120_000);

  it('have, each of them, a case in which it speaks and one in which it does not', async () => {
    const { groups } = parse(await readFile(RULES, 'utf8')) as Rules;
    const { tests } = parse(await readFile(CASES, 'utf8')) as Cases;
    const checks = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
    const named = (speaks: boolean) =>
      [...new Set(checks.filter((check) => check.exp_alerts.length > 0 === speaks).map((c) => c.alertname))].toSorted();
    const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert)).toSorted();
    expect(named(true)).toEqual(alerts);
    expect(named(false)).toEqual(alerts);
  });

  it('that are wrong would be found', async () => {
    const rules = (await readFile(RULES, 'utf8')).replace('> 7200', '> 72000');
    const cases = (await readFile(CASES, 'utf8')).replace('../alerts/', '');
    const files = { 'felinar.rules.yaml': rules, 'cases.yaml': cases };
    await expect(
      inDirectory(files, (directory) => run('test', 'rules', join(directory, 'cases.yaml'))),
    ).rejects.toThrow('FelinarEnergyNotBooked');
  }, 120_000);
});
