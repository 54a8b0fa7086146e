/** A simulated city under load while its parts are taken away at random moments; then quiet; then the books. */
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '#libs/kernel';
import { issueAdministratorKey } from '#libs/storage';
import {
  createRandom,
  FelinarApi,
  generateCity,
  seedCity,
  startFleet,
  type City,
  type Fleet,
  type Random,
} from '#simulators';
import { ApiClient } from '../bench/api-client.js';
import { alertsBook } from './books/alerts-book.js';
import type { BookLine } from './books/book-line.js';
import { commandsBook, compareLevels, serverDrivenLamps } from './books/commands-book.js';
import { bookedEnergy, compareEnergy } from './books/energy-book.js';
import { processesBook } from './books/processes-book.js';
import { readingsBook } from './books/readings-book.js';
import { Breakages } from './breakages.js';
import { disturb, type Disturbed } from './disturb.js';
import { Ledger } from './ledger.js';
import { planMoments } from './moments.js';
import { nightSite } from './night-site.js';
import type { ChaosOptions } from './options.js';
import { PatientApi } from './patient-api.js';
import { mailsDelivered, missing, recovered } from './recovery.js';
import { reportOf, type Outcome, type Report } from './report.js';
import { settle, unsureLamps, wantedLevels } from './settle.js';
import { startWholeCity, type WholeCity } from './whole-city.js';
import { Wishes } from './wishes.js';

/** Shares of gateways and of devices that store no program. */
const GATEWAY_SHARE = 0.5;
const SERVER_DRIVEN_SHARE = 0.1;
const STARTS_WITHIN_MS = 120_000;
/** Before the first moment, and after the last: the city at work. */
const CALM_MS = 5_000;
/** A city that does not work again after this is broken. */
const RECOVERS_WITHIN_MS = 180_000;
/** A mail that could not be sent is tried again after a minute, and then after two and four. */
const MAILED_WITHIN_MS = 900_000;

/** Runs it. Logs and data are kept when a book does not balance. */
export async function runChaos(options: ChaosOptions, say: (line: string) => void): Promise<Report> {
  const startedMs = performance.now();
  const random = createRandom(options.seed);
  const whole = await startWholeCity(say);
  let balances = false;
  try {
    const report = await inCity(whole, options, random, startedMs, say);
    ({ balances } = report);
    return report;
  } finally {
    await whole.stop(!balances);
    if (!balances) say(`Logs and data are kept in ${whole.directory}.`);
  }
}

async function inCity(
  whole: WholeCity,
  options: ChaosOptions,
  random: Random,
  startedMs: number,
  say: (line: string) => void,
): Promise<Report> {
  const { lamps, seed, reportingIntervalS } = options;
  const city = generateCity({ seed, lamps, site: nightSite(Date.now()), gatewayShare: GATEWAY_SHARE });
  await ready(whole);
  const key = await issueAdministratorKey(whole.pool, 'chaos', systemClock.nowMs());
  const client = new ApiClient(whole.apiUrl, key);
  const api = new PatientApi(client, RECOVERS_WITHIN_MS);
  await seedCity(new FelinarApi(whole.apiUrl, key), city);
  await addCrew(client, city, whole);
  const ledger = new Ledger();
  const fleet = await startFleet({
    ...{ city, reportingIntervalS, brokerUrl: whole.fleetBrokerUrl, clock: systemClock, witness: ledger.witness },
    serverDrivenShare: SERVER_DRIVEN_SHARE,
    onProblem: (problem) => say(`  fleet: ${problem}`),
  });
  try {
    if ((await recovered(whole, fleet, STARTS_WITHIN_MS)) === undefined) throw new Error('the city does not start');
    await programsHandedOut(whole);
    await allHeard(whole, lamps);
    say(`${lamps} lamps on ${fleet.devices().length} devices, all connected; logs are in ${whole.directory}.`);
    const { rough, calm } = divided(city);
    const breakages = new Breakages(fleet, whole.pool, city, rough, random.fork('breakages'));
    const wishes = new Wishes(api, city, calm, random.fork('wishes'));
    const work = Promise.all([wishes.run(), breakages.run(), breakages.watch()]);
    const disturbed: Disturbed = {
      city: whole,
      fleet,
      breakages,
      ledger,
      freezeS: options.freezeS,
      monitorKilledMs: [],
    };
    await delay(CALM_MS);
    const outcomes = await moments(disturbed, options, random, startedMs, say);
    await delay(CALM_MS);
    wishes.stop();
    breakages.stop();
    await work;
    say(
      `Quiet now. ${wishes.granted.length} overrides, ${wishes.programs} programs, ${breakages.all.length} faults; settling:`,
    );
    const withinMs = options.settleS * 1000;
    await settle({ ...{ api, city, fleet, breakages, wishes, ledger, withinMs, say }, pool: whole.pool });
    const books = await balance({ whole, api, city, fleet, ledger, wishes, breakages, disturbed });
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    return reportOf({ seed, lamps, seconds }, await Promise.all(outcomes), books);
  } finally {
    await fleet.stop();
  }
}

/** One after the other. A dead mail server is seen to be over only by the mails that come later, so that nobody waits for it here. */
async function moments(
  disturbed: Disturbed,
  options: ChaosOptions,
  random: Random,
  startedMs: number,
  say: (line: string) => void,
): Promise<Promise<Outcome>[]> {
  const { city, fleet } = disturbed;
  const plan = planMoments(options.kinds, options.moments, options.pauseS * 1000, random.fork('moments'));
  const outcomes: Promise<Outcome>[] = [];
  // Mails wait longer each time: from the last death of the server on their time is counted.
  let mailDeadUntilMs = 0;
  for (const [index, moment] of plan.entries()) {
    await delay(moment.pauseMs);
    const atS = Math.round((performance.now() - startedMs) / 1000);
    const what = await disturb(moment, disturbed);
    if (moment.kind === 'deadMail') mailDeadUntilMs = performance.now();
    const recovery = recovered(city, fleet, RECOVERS_WITHIN_MS);
    const mailed =
      moment.kind === 'deadMail' ? mailsDelivered(city.pool, MAILED_WITHIN_MS, () => mailDeadUntilMs) : recovery;
    outcomes.push(mailed.then((recoveryMs) => ({ kind: moment.kind, atS, what, recoveryMs })));
    const recoveryMs = await recovery;
    const how =
      recoveryMs === undefined ? `NOT well: ${(await missing(city)).join(', ')}` : `well after ${recoveryMs} ms`;
    say(`${index + 1} of ${plan.length}, ${atS} s: ${what}; ${how}`);
  }
  return outcomes;
}

interface Balanced {
  readonly whole: WholeCity;
  readonly api: PatientApi;
  readonly city: City;
  readonly fleet: Fleet;
  readonly ledger: Ledger;
  readonly wishes: Wishes;
  readonly breakages: Breakages;
  readonly disturbed: Disturbed;
}

async function balance(all: Balanced): Promise<BookLine[]> {
  const { whole, api, city, fleet, ledger, wishes, breakages, disturbed } = all;
  const { pool, mail, webhook, roles } = whole;
  const truth = fleet.truth();
  const received = {
    ...{ email: mail.receipts, webhook: webhook.receipts, unfit: mail.unnamed + webhook.unsigned },
    monitorKilledMs: disturbed.monitorKilledMs,
  };
  return [
    ...(await readingsBook(ledger, pool, fleet.counts().dropped)),
    ...(await commandsBook(ledger, wishes.granted, pool)),
    ...compareLevels(fleet.levels(), await wantedLevels(api, city.site.address), await serverDrivenLamps(pool)),
    ...(await alertsBook(breakages.all, ledger.wrongClocks, received, pool)),
    ...compareEnergy(truth, await bookedEnergy(api, city.site.address, truth), unsureLamps(city, ledger)),
    ...processesBook(Object.values(roles), await missing(whole)),
  ];
}

async function ready(whole: WholeCity): Promise<void> {
  for (const deadlineMs = performance.now() + STARTS_WITHIN_MS; ; await delay(200)) {
    const left = await missing(whole);
    if (left.length === 0) return;
    if (performance.now() > deadlineMs)
      throw new Error(`${left.join(', ')} did not become ready: look into ${whole.directory}`);
  }
}

/** Told of everything, at once, by mail and by webhook. */
async function addCrew(client: ApiClient, { site }: City, { webhook }: WholeCity): Promise<void> {
  const crews = `/sites/${site.address}/crews`;
  await client.call('POST', crews, { address: 'CREW', name: 'Crew' });
  const wants = { minimumSeverity: 'warning', events: ['opened', 'reopened', 'cleared'], area: { kind: 'site' } };
  await client.call('POST', `${crews}/CREW/channels`, { kind: 'email', target: 'crew@felinar.example', ...wants });
  const channel = { kind: 'webhook', target: webhook.url, ...wants };
  const made = await client.call<{ secret: string }>('POST', `${crews}/CREW/channels`, channel);
  webhook.secret = made.secret;
}

async function programsHandedOut({ pool }: WholeCity): Promise<void> {
  for (const deadlineMs = performance.now() + STARTS_WITHIN_MS; performance.now() < deadlineMs; await delay(300)) {
    const { rows } = await pool.query<{ left: number }>(
      'SELECT count(*)::int AS left FROM device_program WHERE reported_hash IS DISTINCT FROM desired_hash',
    );
    if (rows[0]?.left === 0) return;
  }
  throw new Error('the programs were not handed out');
}

/** Nobody misses a lamp that has never been heard. */
async function allHeard({ pool }: WholeCity, lamps: number): Promise<void> {
  for (const deadlineMs = performance.now() + STARTS_WITHIN_MS; performance.now() < deadlineMs; await delay(300)) {
    const { rows } = await pool.query<{ heard: number }>('SELECT count(*)::int AS heard FROM lamp_state');
    if (rows[0]?.heard === lamps) return;
  }
  throw new Error('not all lamps were heard');
}

/** Cabinets in which things break, and those where an override can be held; gateways and single controllers in both. */
function divided({ cabinets, lamps }: City): { readonly rough: ReadonlySet<string>; readonly calm: readonly string[] } {
  const addresses = cabinets.map(({ address }) => address);
  const isSingle = (cabinet: string) => lamps.some((lamp) => lamp.cabinet === cabinet && lamp.device === lamp.address);
  const [single, behindGateway] = [addresses.filter(isSingle), addresses.filter((cabinet) => !isSingle(cabinet))];
  const half = (own: readonly string[]) => own.filter((_, index) => index % 2 === 0);
  const rough = new Set([...half(single), ...half(behindGateway)]);
  return { rough, calm: addresses.filter((address) => !rough.has(address)) };
}
