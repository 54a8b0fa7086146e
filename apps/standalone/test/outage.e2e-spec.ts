import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scaledClock } from '#libs/kernel';
import { levelAt, nightCurve, type ControlProgram } from '#libs/schedules';
import { waitFor } from '#libs/testing';
import { FelinarApi, seedCity, generateCity, startFleet, type Fleet } from '#simulators';
import { Run } from './running-felinar.js';

const SPEED = 1200;
const LAMPS = 200;
const START = '2026-11-25T17:30:00Z';
const at = (local: string) => Date.parse(`${local}+02:00`);

/** The server, its broker and its database die at 22:00; the lamps go on. */
describe('a city whose server dies at 22:00', () => {
  let data: string;
  let run: Run;
  let fleet: Fleet;

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'felinar-outage-'));
    run = new Run(data, '--no-simulator', '--speed', String(SPEED), '--start', START);
  });

  afterAll(async () => {
    await fleet?.stop();
    await run.end('SIGKILL').catch(() => undefined);
    await rm(data, { recursive: true, force: true });
  });

  it('shows the very levels that the program asks for, at every hour until the morning', async () => {
    const api = await run.says(/API docs\s+(\S+)\/docs/);
    const brokerUrl = await run.says(/Broker\s+(\S+)/);
    const city = generateCity({ seed: 1, lamps: LAMPS });
    const { address, latitude, longitude, timeZone } = city.site;
    const headers = await run.authorized();
    await seedCity(new FelinarApi(api, headers['x-api-key']), city);
    const get = async <T>(path: string) =>
      (await (await fetch(`${api}/api/v1/sites/${address}${path}`, { headers })).json()) as T;
    const clock = scaledClock(await serverTimeMs(api, address, headers), SPEED);
    fleet = await startFleet({ city, brokerUrl, clock });
    await waitFor(
      'every device to run its program',
      async () => {
        const { items } = await get<{ items: { devices: number; runningDevices: number }[] }>('/rollouts');
        return items.length > 0 && items.every(({ devices, runningDevices }) => devices === runningDevices);
      },
      30_000,
    );
    // Otherwise the night would be half over, and the test would show nothing.
    expect(clock.nowMs()).toBeLessThan(at('2026-11-25T21:55:00'));
    const program = await get<ControlProgram>('/programs/EVENING');
    await waitFor('22:00', () => clock.nowMs() >= at('2026-11-25T22:00:00'), 60_000);
    await run.end('SIGKILL');
    const curve = nightCurve(program, { latitude, longitude, timeZone }, '2026-11-25');
    const floors = new Map(
      city.lamps.map((lamp) => [
        lamp.address,
        city.lampTypes.find(({ code }) => code === lamp.lampType)?.minLevelPercent ?? 0,
      ]),
    );
    const seen: number[] = [];
    for (const hour of [
      '2026-11-25T23:10:00',
      '2026-11-26T01:10:00',
      '2026-11-26T03:00:00',
      '2026-11-26T06:00:00',
      '2026-11-26T08:30:00',
    ]) {
      await waitFor(hour, () => clock.nowMs() >= at(hour), 60_000);
      const nowMs = clock.nowMs();
      const wanted = levelAt(curve, nowMs) ?? Number.NaN;
      seen.push(wanted);
      for (const { lamp, levelInEffectPercent, physicalPercent, reason } of fleet.levels()) {
        const expected = wanted === 0 ? 0 : Math.max(wanted, floors.get(lamp) ?? 0);
        expect([lamp, levelInEffectPercent, Math.round(physicalPercent), reason]).toEqual([
          lamp,
          expected,
          expected,
          'calendar',
        ]);
      }
      expect(fleet.levels()).toHaveLength(LAMPS);
    }
    expect(seen).toEqual([70, 40, 40, 100, 0]);
  }, 180_000);
});

/** The city's time of the server, from an intention that is taken back again. */
async function serverTimeMs(api: string, site: string, headers: Record<string, string>): Promise<number> {
  const override = await fetch(`${api}/api/v1/sites/${site}/overrides`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({
      target: { kind: 'site' },
      levelPercent: 0,
      startsAt: '2027-03-01T00:00:00Z',
      expiresAt: '2027-03-01T01:00:00Z',
      reason: 'asking for the time',
    }),
  });
  if (!override.ok) throw new Error(await override.text());
  const { id, createdAt } = (await override.json()) as { id: string; createdAt: string };
  await fetch(`${api}/api/v1/sites/${site}/overrides/${id}/release`, { method: 'POST', headers });
  return Date.parse(createdAt);
}
