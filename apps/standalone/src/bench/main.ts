/** npm run bench:commands: how long a changed program and a group command take in a city, beside the same messages sent bare. */
import { setTimeout as delay } from 'node:timers/promises';
import { readTool } from '#libs/config';
import { FelinarApi, seedCity, generateCity } from '#simulators';
import { ApiClient } from './api-client.js';
import { measureBareCommands } from './bare-commands.js';
import { startFelinarProcesses } from './felinar-processes.js';

const USAGE = `npm run bench:commands [-- options]: a city of simulated lamps with every role in a process of its own. Measures how long one
changed program takes to be on every device, and one group command until the last lamp has acknowledged and shows it, beside the same
messages sent bare through the same broker to the same devices.

  --lamps N            lamps of the city (10000)
  --per-second N       messages that control publishes in a second (500)
  --gateway-share X    share of cabinets whose lamps a gateway speaks for, 0 to 1 (0.7)`;
const { values, whole, wrong } = readTool(USAGE, {
  lamps: { type: 'string', default: '10000' },
  'per-second': { type: 'string', default: '500' },
  'gateway-share': { type: 'string', default: '0.7' },
});
const lamps = whole('lamps');
const perSecond = whole('per-second');
const gatewayShare = Number(values['gateway-share']);
if (!(gatewayShare >= 0 && gatewayShare <= 1)) wrong('--gateway-share wants a number from 0 to 1');
const SEED = 1;
/** How long lamps are given to show the level, s. */
const CONFIRM_WITHIN_S = 120;
/** A group takes so many lamps in one request. */
const LAMPS_PER_REQUEST = 10_000;

interface Rollout {
  readonly program: string;
  readonly version: number;
  readonly devices: number;
  readonly runningDevices: number;
}
interface Batch {
  readonly lamps: number;
  readonly counts: Readonly<
    Record<'queued' | 'sent' | 'acknowledged' | 'confirmed' | 'failed' | 'expired' | 'cancelled', number>
  >;
}

const say = (line: string) => console.log(line);
const felinar = await startFelinarProcesses({ FELINAR_CONTROL_PUBLISH_PER_SECOND: String(perSecond) }, say);
const api = new ApiClient(felinar.apiUrl, felinar.key);
try {
  const city = generateCity({ seed: SEED, lamps, gatewayShare });
  const { address } = city.site;
  await seedCity(new FelinarApi(felinar.apiUrl, felinar.key), city);
  const devices = [...Map.groupBy(city.lamps, ({ device }) => device)].map(([device, own]) => ({
    device,
    lamps: own.map((lamp) => lamp.address),
  }));
  say(`${lamps} lamps on ${devices.length} devices; connecting them …`);
  felinar.simulate(['--lamps', String(lamps), '--seed', String(SEED), '--gateway-share', values['gateway-share']]);
  const firstS = await untilRolledOut(address);
  say(`All are connected and run their first program (${firstS.toFixed(1)} s after the start of the simulator).`);
  const rolloutS = await measureRollout(address);
  const bareS = await measureBareCommands(felinar.brokerUrl, address, devices, 60);
  await delay(3_000);
  const command = await measureCommand(
    address,
    city.lamps.map((lamp) => lamp.address),
  );
  say('');
  console.table({
    'one program changed: on every device, s': rolloutS.toFixed(1),
    'group command: accepted (202), s': command.acceptedS.toFixed(2),
    'group command: last message with the broker, s': command.sentS.toFixed(1),
    'group command: last acknowledgement, s': command.acknowledgedS.toFixed(1),
    'group command: last lamp confirmed, s': command.confirmedS?.toFixed(1) ?? `not within ${CONFIRM_WITHIN_S} s`,
    'lamps confirmed, %': ((100 * command.confirmed) / lamps).toFixed(2),
    'the same messages bare: last acknowledgement, s': bareS.toFixed(1),
    'ratio to bare': (command.acknowledgedS / bareS).toFixed(1),
    'least by the pace, s': (devices.length / perSecond).toFixed(1),
  });
} finally {
  await felinar.stop();
}

/** The city's program as it is seeded gets another level at night. */
async function measureRollout(site: string): Promise<number> {
  const program = await api.get<{ switchPoints: { levelPercent: number }[] }>(`/sites/${site}/programs/EVENING`);
  const switchPoints = program.switchPoints.map((point, index) =>
    index === 0 ? { ...point, levelPercent: 45 } : point,
  );
  await api.call('PATCH', `/sites/${site}/programs/EVENING`, { switchPoints });
  return untilRolledOut(site);
}

/** Seconds until every device says that it runs what it shall. */
async function untilRolledOut(site: string): Promise<number> {
  const startedMs = performance.now();
  const wanted = (await api.get<{ version: number }>(`/sites/${site}/programs/EVENING`)).version;
  for (;;) {
    const { items } = await api.get<{ items: Rollout[] }>(`/sites/${site}/rollouts`);
    const isDone =
      items.length > 0 &&
      items.every(({ devices, runningDevices }) => devices === runningDevices) &&
      items.some(({ program, version }) => program === 'EVENING' && version === wanted);
    const seconds = (performance.now() - startedMs) / 1000;
    if (isDone) return seconds;
    if (seconds > 300) throw new Error(`not rolled out after 300 s: ${JSON.stringify(items)}`);
    await delay(200);
  }
}

async function measureCommand(site: string, addresses: readonly string[]) {
  await api.call('POST', `/sites/${site}/groups`, { address: 'ALL', name: 'All lamps' });
  for (let first = 0; first < addresses.length; first += LAMPS_PER_REQUEST) {
    await api.call('POST', `/sites/${site}/groups/ALL/lamps`, {
      add: addresses.slice(first, first + LAMPS_PER_REQUEST),
    });
  }
  // The group is nobody's business but the override's: let control see that first.
  await delay(3_000);
  const startedMs = performance.now();
  const sinceS = () => (performance.now() - startedMs) / 1000;
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const target = { kind: 'group', address: 'ALL' };
  const { batches } = await api.call<{ batches: string[] }>('POST', `/sites/${site}/overrides`, {
    target,
    levelPercent: 75,
    expiresAt,
  });
  const acceptedS = sinceS();
  let [sentS, acknowledgedS, confirmedS] = [undefined, undefined, undefined] as (number | undefined)[];
  let confirmed = 0;
  while (confirmedS === undefined && sinceS() < CONFIRM_WITHIN_S) {
    const batch = await api.get<Batch>(`/sites/${site}/command-batches/${batches[0]}`);
    const { queued, sent, failed, expired, cancelled } = batch.counts;
    confirmed = batch.counts.confirmed;
    if (failed + expired + cancelled > 0) throw new Error(`commands failed: ${JSON.stringify(batch.counts)}`);
    if (queued === 0) sentS ??= sinceS();
    if (queued + sent === 0) acknowledgedS ??= sinceS();
    if (confirmed === batch.lamps) confirmedS = sinceS();
    await delay(100);
  }
  if (sentS === undefined || acknowledgedS === undefined)
    throw new Error(`not acknowledged within ${CONFIRM_WITHIN_S} s`);
  return { acceptedS, sentS, acknowledgedS, confirmedS, confirmed };
}
