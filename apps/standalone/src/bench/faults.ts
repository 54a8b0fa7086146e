/** npm run bench:faults: a simulated city in which things go wrong, and what the monitor finds of it, beside the truth. */
import { readTool } from '#libs/config';
import { SCENARIOS } from '#simulators';
import type { Score } from './compare-faults.js';
import { runFaultyCity } from './faulty-city.js';

const USAGE = `npm run bench:faults [-- options]: a simulated city in which things go wrong, and what the monitor finds of it, beside the truth.
The city runs as fast as the machine works it off.

  --scenario NAME   may be repeated (each of them in turn): ${[...SCENARIOS.keys()].join(', ')}
  --lamps N         lamps of the city (300)
  --hours H         simulated hours (until a day after the last thing that happens in the scenario)
  --interval S      seconds between two reports of a device (300)
  --step S          simulated seconds from one look at the city to the next (60)
  --seeds 1,2       the same seed makes the same city and the same faults (1)`;
const { values, whole, wrong } = readTool(USAGE, {
  scenario: { type: 'string', multiple: true },
  lamps: { type: 'string', default: '300' },
  hours: { type: 'string' },
  interval: { type: 'string', default: '300' },
  step: { type: 'string', default: '60' },
  seeds: { type: 'string', default: '1' },
});
const lamps = whole('lamps');
const hours = values.hours === undefined ? undefined : whole('hours');
const stepS = whole('step');
const reportingIntervalS = whole('interval');
const seeds = values.seeds.split(',').map(Number);
if (!seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0)) wrong('--seeds wants whole numbers, such as 1,2');
const names = values.scenario ?? [...SCENARIOS.keys()];
for (const name of names) if (!SCENARIOS.has(name)) wrong(`There is no scenario ${name}.`);

const scores: Score[] = [];
for (const scenario of names) {
  for (const seed of seeds) scores.push(...(await one(scenario, seed)));
}
console.log('\nAll of it, by kind of fault (delays in reporting intervals beyond the hold time):');
console.table(Object.values(Object.groupBy(scores, ({ kind }) => kind)).map((own) => rowOf(together(own ?? []))));
const total = together(scores);
console.log(
  `${total.real} real faults, ${total.found} found, ${total.invented.length} invented: precision ${total.precision}, recall ${total.recall}; ` +
    `${total.alerts} alerts, ${share(total.alerts, total.real)} for each real fault.`,
);
process.exit(0);

async function one(scenario: string, seed: number): Promise<Score[]> {
  console.log(`\n${scenario}, seed ${seed}: ${lamps} lamps …`);
  const startedMs = performance.now();
  const found = await runFaultyCity({
    scenario,
    seed,
    lamps,
    hours,
    reportingIntervalS,
    stepS,
    onHour: (hour, of) => {
      if (hour % 12 === 0 || hour === of)
        console.log(`  ${hour} of ${of} simulated hours after ${Math.round((performance.now() - startedMs) / 1000)} s`);
    },
  });
  console.table(found.map(rowOf));
  for (const { kind, missed, invented } of found) {
    for (const each of missed.slice(0, 5)) console.log(`  missed   ${kind}: ${each}`);
    for (const each of invented.slice(0, 5)) console.log(`  invented ${kind}: ${each}`);
  }
  return found;
}

/** Scores of several runs as one. */
function together(own: readonly Score[]): Score {
  const sum = (of: (score: Score) => number) => own.reduce((all, score) => all + of(score), 0);
  const [real, found] = [sum((score) => score.real), sum((score) => score.found)];
  const invented = own.flatMap((score) => score.invented);
  return {
    kind: own[0]?.kind ?? '',
    ...{ real, found, invented },
    missed: own.flatMap(({ missed }) => missed),
    precision: share(found, found + invented.length),
    recall: share(found, real),
    hold: own[0]?.hold ?? 0,
    delays: own.flatMap(({ delays }) => delays).sort((a, b) => a - b),
    alerts: sum((score) => score.alerts),
  };
}

function rowOf({ missed: _missed, invented, delays, ...row }: Score) {
  const [median, worst] = [delays[Math.floor(delays.length / 2)], delays.at(-1)];
  return { ...row, invented: invented.length, medianDelay: median, worstDelay: worst };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 1 : Math.round((1000 * part) / whole) / 1000;
}
