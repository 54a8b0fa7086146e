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
