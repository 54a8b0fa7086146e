import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { testBroker, waitFor } from '#libs/testing';
import { Run } from './running-felinar.js';

/** The tour of the README, pasted as it stands there (but for the ports). */
describe('the five minutes of the README', () => {
  let run: Run;
  let work: string;
  let pubDirectory: string;

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'felinar-readme-'));
    // Only for its mosquitto_pub.
    const broker = await testBroker('mosquitto');
    pubDirectory = dirname(broker.pubPath ?? '');
    await broker.stop();
    run = new Run(join(work, 'data'), '--lamps', '30');
  });

  afterAll(async () => {
    await run.end('SIGKILL').catch(() => undefined);
    await rm(work, { recursive: true, force: true });
  });

  it('does what it says', async () => {
    const api = await run.says(/API docs\s+(\S+)\/docs/);
    const mqttPort = await run.says(/Broker\s+mqtt:\/\/127\.0\.0\.1:(\d+)/);
    const readme = await readFile('README.md', 'utf8');
    const block = /## Five minutes[\s\S]*?```sh\n([\s\S]*?)```/.exec(readme)?.[1];
    if (block === undefined) throw new Error('the README has lost its tour');
    const script = block
      .replaceAll('http://127.0.0.1:3000', api)
      .replaceAll('felk_…', (await run.authorized())['x-api-key'] as string)
      .replaceAll('-p 1883', `-p ${mqttPort}`)
      // What a person does by hand: wait a moment before reading back; and see where one answer ends.
      .replaceAll(/^curl/gm, 'echo; sleep 0.5; curl -f');
    const { stdout } = await promisify(execFile)('bash', ['-eu', '-c', script], {
      cwd: work,
      env: { ...process.env, PATH: [pubDirectory, process.env['PATH']].join(delimiter) },
    });
    const answers = stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, never>);
    expect(answers).toHaveLength(8);
    const [states, energy, site, type, lamp, state, rejected, imported] = answers;
    expect(states).toMatchObject({ items: [{ lamp: 'BT-0001' }, { lamp: 'BT-0002' }] });
    expect(energy).toMatchObject({ groupBy: 'cabinet', by: 'day', site: 'botosani' });
    expect([site, type, lamp].map((each) => each?.['address'] ?? each?.['code'])).toEqual([
      'oulu',
      'LED-50',
      'OU-0001',
    ]);
    expect(state).toMatchObject({
      current: true,
      reading: { activePowerW: 35.2, lightLevelPercent: 70, activeEnergyWh: 1200.5 },
    });
    expect(rejected).toMatchObject({ items: [{ reason: 'malformedJson', payload: 'not json' }] });
    expect(imported).toMatchObject({ dryRun: true, rows: 2, lamps: { created: 2 } });
    await waitFor('the end', async () => (await run.interrupt()) === 0);
  }, 120_000);
});

/** The night of the README: a program is changed by a paste, and the lamps follow; an override goes before it. */
describe('the night of the README', () => {
  let run: Run;
  let work: string;

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'felinar-readme-night-'));
    const [, options] =
      /## A night in minutes[\s\S]*?npm start -- (.*)/.exec(await readFile('README.md', 'utf8')) ?? [];
    run = new Run(join(work, 'data'), '--lamps', '30', ...(options ?? '').trim().split(/\s+/));
  });

  afterAll(async () => {
    await run.end('SIGKILL').catch(() => undefined);
    await rm(work, { recursive: true, force: true });
  });

  it('changes a program, and the lamps follow; overrides them, and they follow again', async () => {
    const api = await run.says(/API docs\s+(\S+)\/docs/);
    const readme = await readFile('README.md', 'utf8');
    const block = /## A night in minutes[\s\S]*?In another terminal:\s+```sh\n([\s\S]*?)```/.exec(readme)?.[1];
    const [program, override, look] = (block ?? '').split(/^(?=# An override|# Commanded)/m);
    if (program === undefined || override === undefined || look === undefined)
      throw new Error('the README has lost its night');
    const head = (block ?? '').split('\n', 3).join('\n');
    const headers = await run.authorized();
    const paste = async (part: string) => {
      const script = part
        .replaceAll('http://127.0.0.1:3000', api)
        .replaceAll('felk_…', headers['x-api-key'] as string)
        .replaceAll(/^curl/gm, 'echo; curl -f');
      const { stdout } = await promisify(execFile)('bash', ['-eu', '-c', script], { cwd: work });
      return stdout
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    };
    const levels = async () => {
      const { items } = (await (
        await fetch(`${api}/api/v1/sites/botosani/lamp-levels?limit=1000`, { headers })
      ).json()) as {
        items: {
          status: string;
          inEffect: { levelPercent: number; reason: string } | null;
          physical: { levelPercent: number } | null;
        }[];
      };
      return items.map(
        ({ status, inEffect, physical }) =>
          `${status} ${inEffect?.levelPercent} ${inEffect?.reason} ${Math.round(physical?.levelPercent ?? -1)}`,
      );
    };
    const all = (what: string) =>
      waitFor(`all lamps: ${what}`, async () => (await levels()).every((each) => each === what), 60_000);
    await all('applied 100 calendar 100');
    const [schedule, changed, rollouts] = await paste(program);
    expect(JSON.stringify(schedule)).toContain('"EVENING"');
    expect(changed).toMatchObject({ version: 2, switchPoints: [{ levelPercent: 60 }] });
    expect(rollouts).toHaveProperty('items');
    for (const picture of ['night.svg', 'year.svg'])
      expect(await readFile(join(work, picture), 'utf8')).toMatch(/^<svg /);
    await all('applied 60 calendar 60');
    // The screen tells the same.
    await run.says(/30 of 30 lamps are at 60 % \(by calendar\)/);
    const [accepted] = await paste(`${head}\n${override}`);
    expect(accepted).toMatchObject({ lampCount: 30, levelPercent: 100 });
    await all('applied 100 override 100');
    const [one, none] = await paste(`${head}\n${look}`);
    expect(one).toMatchObject({ items: [{ status: 'applied' }] });
    expect(none).toMatchObject({ items: [] });
    await run.says(/30 of 30 lamps are at 100 % \(by override\)/);
  }, 180_000);
});
