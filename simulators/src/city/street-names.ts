import type { Random } from '../random.js';
import type { StreetClass } from './street-plan.js';

const MAIN = [
  'Calea Națională',
  'Bulevardul Mihai Eminescu',
  'Calea Bucovinei',
  'Bulevardul George Enescu',
  'Calea Sucevei',
  'Calea Iașilor',
];
const PEOPLE = [
  'Ion Creangă',
  'Vasile Alecsandri',
  'Nicolae Iorga',
  'Octavian Onicescu',
  'Ion Pillat',
  'Ștefan Luchian',
  'Grigore Antipa',
  'Mihail Kogălniceanu',
  'Alexandru cel Bun',
  'Petru Rareș',
  'Ion Luca Caragiale',
  'Liviu Rebreanu',
  'Lucian Blaga',
  'George Coșbuc',
  'Tudor Vladimirescu',
  'Nicolae Bălcescu',
  'Avram Iancu',
  'Elena Doamna',
  'Maria Tănase',
  'Ana Ipătescu',
  'Henri Coandă',
  'Traian Vuia',
  'Constantin Brâncuși',
  'Ciprian Porumbescu',
  'Dragoș Vodă',
  'Mitropolit Varlaam',
  'Dimitrie Negreanu',
];
const THINGS = [
  'Primăverii',
  'Armoniei',
  'Viilor',
  'Teiului',
  'Bradului',
  'Salcâmilor',
  'Castanilor',
  'Florilor',
  'Grivița',
  'Împărat Traian',
  'Pacea',
  'Independenței',
  'Unirii',
  'Victoriei',
  'Gării',
  'Morii',
  'Izvoarelor',
  'Dealului',
  'Livezilor',
  'Sucevei',
  'Săvenilor',
  'Peco',
  'Războieni',
  'Rozelor',
  'Crizantemelor',
  'Zorilor',
  'Luncii',
  'Stejarului',
];

/** Names in order of a shuffled list; when it is used up, once more with a number, so that no two streets share one. */
export function streetName(random: Random): (kind: StreetClass) => string {
  const small = shuffled(
    [...PEOPLE.map((name) => `Strada ${name}`), ...THINGS.map((name) => `Strada ${name}`)],
    random,
  );
  let nextMain = 0;
  let nextSmall = 0;
  return (kind) => {
    if (kind === 'ring') return 'Bulevardul Centurii';
    const list = kind === 'main' ? MAIN : small;
    const index = kind === 'main' ? nextMain++ : nextSmall++;
    const round = Math.floor(index / list.length);
    return `${list[index % list.length] ?? ''}${round === 0 ? '' : ` ${round + 1}`}`;
  };
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const result = [...list];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = random.integer(0, index);
    [result[index], result[other]] = [result[other] as T, result[index] as T];
  }
  return result;
}
