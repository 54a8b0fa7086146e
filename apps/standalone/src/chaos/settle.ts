/** The quiet afterwards: everything that is under way comes to its end, or the time is over. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from '#libs/storage';
import type { City, Fleet } from '#simulators';
import type { Breakages } from './breakages.js';
import { compareLevels, serverDrivenLamps, type WantedLevel } from './books/commands-book.js';
import { bookedEnergy, compareEnergy } from './books/energy-book.js';
import type { Ledger } from './ledger.js';
import type { PatientApi } from './patient-api.js';
import type { Wishes } from './wishes.js';

const LOOK_EVERY_MS = 1_000;
const SAY_EVERY_MS = 10_000;

export interface Settling {
  readonly api: PatientApi;
  readonly city: City;
  readonly fleet: Fleet;
  readonly pool: Pool;
  readonly breakages: Breakages;
  readonly wishes: Wishes;
  readonly ledger: Ledger;
  readonly withinMs: number;
  readonly say: (line: string) => void;
}

/** In order: every fault is found, everything is mended, what holds for a time has ended, nothing waits to be done, told or stored. */
export async function settle(settling: Settling): Promise<void> {
  const { fleet, pool, breakages, ledger } = settling;
  const until = waiting(settling);
  await until('faults not found', () => breakages.look());
  breakages.mendAll();
  await until('lamps mended, not told', async () => (await untold(pool)) + (await stillOpen(pool)));
  await until('commands under way', () => openCommands(settling));
  await until('messages under way', () => openMessages(pool));
  await until('lamps at another level', async () => (await levelDifferences(settling)).length);
  await fleet.drain(30_000);
  await until('readings not stored', async () => missingReadings(ledger, await storedReadings(pool)));
  await until('lamps with another energy', () => energyDifferences(settling));
}

/** What the API says that every lamp shall do and does. */
export async function wantedLevels(api: PatientApi, site: string): Promise<WantedLevel[]> {
  const levels: WantedLevel[] = [];
  for (let cursor = ''; ;) {
    const page = await api.get<{ items: WantedLevel[]; nextCursor?: string | null }>(
      `/sites/${site}/lamp-levels?limit=500${cursor}`,
    );
    levels.push(...page.items);
    if (page.nextCursor == null) return levels;
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

/** Lamps of devices whose clock was put back at any time. */
export function unsureLamps(city: City, { wrongClocks }: Ledger): ReadonlySet<string> {
  return new Set(city.lamps.filter(({ device }) => wrongClocks.has(device)).map(({ address }) => address));
}

/** Asks how much is left until it is nothing, or its time is over; the books tell the rest. */
function waiting({ withinMs, say }: Settling) {
  return async (what: string, ask: () => Promise<number>) => {
    const deadlineMs = performance.now() + withinMs;
    let [left, saidMs] = [await ask(), performance.now()];
    while (left > 0 && performance.now() < deadlineMs) {
      if (performance.now() - saidMs > SAY_EVERY_MS) {
        say(`  ${left} ${what} …`);
        saidMs = performance.now();
      }
      await delay(LOOK_EVERY_MS);
      left = await ask();
    }
    say(left === 0 ? `  0 ${what}` : `  the time is over: ${left} ${what}`);
  };
}

async function stillOpen(pool: Pool): Promise<number> {
  return count(
    pool,
    `SELECT count(*)::int AS n FROM fault WHERE phase = 'open' AND subject_kind = 'lamp' AND kind <> 'communicationFailure'`,
  );
}

function untold(pool: Pool): Promise<number> {
  return count(pool, 'SELECT count(*)::int AS n FROM fault WHERE pending_event IS NOT NULL');
}

/** Also those that are still to be made: of overrides that will end. */
async function openCommands({ pool, wishes }: Settling): Promise<number> {
  const lasting = wishes.granted.filter(
    ({ isHeld, isReleased, expiresAtMs }) => !isHeld && !isReleased && expiresAtMs > Date.now(),
  ).length;
  const open = await count(
    pool,
    `SELECT count(*)::int AS n FROM lamp_command WHERE state IN ('queued', 'sent', 'acknowledged')`,
  );
  return lasting + open;
}

async function openMessages(pool: Pool): Promise<number> {
  return count(
    pool,
    `SELECT (SELECT count(*) FROM alert WHERE routed_at IS NULL)::int + (SELECT count(*) FROM delivery WHERE state IN ('pending', 'waiting'))::int AS n`,
  );
}

async function levelDifferences({ api, city, fleet, pool }: Settling): Promise<readonly string[]> {
  const lines = compareLevels(
    fleet.levels(),
    await wantedLevels(api, city.site.address),
    await serverDrivenLamps(pool),
  );
  return lines.flatMap(({ balances, notes }) => (balances ? [] : notes));
}

function storedReadings(pool: Pool): Promise<number> {
  return count(pool, 'SELECT count(*)::int AS n FROM telemetry');
}

function missingReadings({ acknowledged }: Ledger, stored: number): number {
  const distinct = [...acknowledged.values()].reduce((sum, times) => sum + new Set(times).size, 0);
  return Math.max(0, distinct - stored);
}

async function energyDifferences({ api, city, fleet, ledger }: Settling): Promise<number> {
  const truth = fleet.truth();
  const [lamps] = compareEnergy(truth, await bookedEnergy(api, city.site.address, truth), unsureLamps(city, ledger));
  return lamps === undefined ? 0 : lamps.wanted - lamps.found;
}

async function count(pool: Pool, sql: string): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(sql);
  return rows[0]?.n ?? 0;
}
