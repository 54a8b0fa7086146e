/**
 * `npm run check:astronomy`: libs/astronomy beside an almanac made with another engine (libs/astronomy/test/make_almanac.py), per city
 * and event. Fails when an event is off by more than a minute, or only one of the two says that it happens.
 */
import { readFileSync } from 'node:fs';
import { nightEvents } from '../dist/libs/astronomy/src/index.js';

const MAX_ERROR_S = 60;
const EVENTS = { sunset: 'sunset', civilDusk: 'civil dusk', civilDawn: 'civil dawn', sunrise: 'sunrise' };
const nights = JSON.parse(readFileSync(new URL('../libs/astronomy/test/almanac.json', import.meta.url), 'utf8'));

const compared = [];
for (const [place, own] of Map.groupBy(nights, (night) => night.place)) {
  for (const [event, words] of Object.entries(EVENTS)) compared.push(compare(place, words, event, own));
}
console.log(`${nights.length} nights of ${new Set(nights.map(({ place }) => place)).size} places beside the almanac.`);
console.log('It prints whole minutes: up to 30 s of an error are its rounding.\n');
console.table(compared.map(({ row }) => row));
const bad = compared.filter(({ isBad }) => isBad);
if (bad.length > 0) {
  console.error(
    `${bad.length} rows are off by more than ${MAX_ERROR_S} s, or disagree on whether it happens: see above.`,
  );
  process.exit(1);
}
console.log(`Every event is within ${MAX_ERROR_S} s, and both agree on what does not happen.`);

function compare(place, words, event, own) {
  const errorsS = [];
  let [neither, disagree] = [0, 0];
  for (const night of own) {
    const found = nightEvents(night, night.date)[event];
    const almanac = night[event];
    if (found.kind === 'at' && almanac !== null) errorsS.push(Math.abs(found.ms - Date.parse(almanac)) / 1000);
    else if (found.kind !== 'at' && almanac === null) neither += 1;
    else disagree += 1;
  }
  errorsS.sort((a, b) => a - b);
  const maxS = errorsS.at(-1) ?? 0;
  const row = {
    place,
    event: words,
    nights: own.length,
    'max error, s': Number(maxS.toFixed(1)),
    '95th percentile, s': Number((errorsS[Math.ceil(errorsS.length * 0.95) - 1] ?? 0).toFixed(1)),
    'does not happen': neither,
    disagree,
  };
  return { row, isBad: maxS > MAX_ERROR_S || disagree > 0 };
}
