/** From what a client that means well would send to what broken and hostile ones do. */
import type { Random } from '#simulators';

type Json = unknown;

const NUMBERS = [0, -0, -1, 1.5, 1e-300, 1e300, 2 ** 31, 2 ** 53, -(2 ** 63), 9_007_199_254_740_993, 101, 1e21];
export const NASTY_TEXTS: readonly string[] = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    '\udc00x',
    '\u202e',
    '💡',
    'é'.normalize('NFD'),
    '\u0085',
    '\ufeff',
    '\n',
    '\t=1',
  ],
  ...[
    "'; DROP TABLE lamp; --",
    '$1',
    '%',
    '%00',
    '\\',
    '"',
    '../..',
    '{{7*7}}',
    '<script>',
    '=cmd|x',
    '${x}',
    '@SUM(1)',
  ],
  ...['NaN', 'null', 'true', '1e999', '-1', '9'.repeat(40), '0x10', '2026-02-30', '9999-12-31', '0001-01-01'],
  ...['2026-11-24T25:00:00Z', '+275760-09-13T00:00:00Z', 'Europe/Nowhere', 'UTC', '../../etc/passwd', '__proto__'],
  ...[
    'constructor',
    'toString',
    'x'.repeat(300),
    'x'.repeat(5_000),
    'http://127.0.0.1/',
    'http://[::ffff:7f00:1]/',
    'a@b',
  ],
];
const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  'x',
  '\0',
  '0',
  'length',
  'address',
  'then',
];

/** A value that stands where another one should. */
export function nasty(random: Random): Json {
  const kind = random.next();
  if (kind < 0.45) return random.pick(NASTY_TEXTS);
  if (kind < 0.65) return random.pick(NUMBERS);
  if (kind < 0.72) return deep(random);
  if (kind < 0.76) return Array.from({ length: random.pick([1, 2, 1_001, 3_000]) }, () => random.pick([0, 'x', null]));
  return random.pick<Json>([null, true, false, [], {}, [[]], [null], { a: 1 }, ['x', 'x'], [{}, {}]]);
}

function deep(random: Random): Json {
  let value: Json = 'bottom';
  for (let depth = random.pick([5, 50, 500]); depth > 0; depth -= 1)
    value = random.next() < 0.5 ? [value] : { a: value };
  return value;
}

/** Changes some part of a value. What is given stays as it is. */
export function mutated(value: Json, random: Random): Json {
  if (random.next() < 0.08) return nasty(random);
  if (Array.isArray(value) && value.length > 0) return mutatedArray(value, random);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return mutatedObject(value, random);
  return nasty(random);
}

function mutatedArray(value: readonly Json[], random: Random): Json {
  const at = random.integer(0, value.length - 1);
  switch (random.integer(0, 4)) {
    case 0:
      return value.filter((_, index) => index !== at);
    case 1:
      return [...value, value[at]];
    case 2:
      return Array.from({ length: random.pick([20, 200, 1_100]) }, (_, index) => value[index % value.length]);
    default:
      return value.map((each, index) => (index === at ? mutated(each, random) : each));
  }
}

function mutatedObject(value: object, random: Random): Json {
  const entries = Object.entries(value) as [string, Json][];
  const kind = random.integer(0, 5);
  if (entries.length === 0 || kind === 0) return withKey(entries, random.pick(KEYS), nasty(random));
  const [key, own] = random.pick(entries);
  if (kind === 1) return fromEntries(entries.filter(([name]) => name !== key));
  return withKey(entries, key, mutated(own, random));
}

function withKey(entries: readonly [string, Json][], key: string, value: Json): Json {
  return fromEntries([...entries.filter(([name]) => name !== key), [key, value]]);
}

/** `__proto__` becomes a key like any other: JSON.parse makes such objects too. */
function fromEntries(entries: readonly (readonly [string, Json])[]): Json {
  return Object.fromEntries(entries);
}

/** Breaks the bytes of a JSON text: cut off, doubled keys, bytes that are no UTF-8, tokens that no number may be. */
export function brokenText(text: string, random: Random): Buffer {
  const at = random.integer(0, Math.max(0, text.length - 1));
  switch (random.integer(0, 8)) {
    case 0:
      return Buffer.from(text.slice(0, at));
    case 1:
      return Buffer.from(text.replace(/^\{("(?:[^"\\]|\\.)*":)/, `{$1${random.pick(['1', '"x"', 'null', '{}'])},$1`));
    case 2:
      return Buffer.concat([
        Buffer.from(text.slice(0, at)),
        Buffer.from(random.pick(['c328', 'ff', 'eda080', 'f8888080', 'c0af', '80'] as const), 'hex'),
        Buffer.from(text.slice(at)),
      ]);
    case 3:
      return Buffer.from(
        text.replace(
          /-?\d+(\.\d+)?/,
          random.pick(['1e999', '-1e999', 'NaN', '0x1', '01', '.5', '1.', '--1', '1'.repeat(400)]),
        ),
      );
    case 4: {
      const depth = random.pick([100, 3_000, 20_000]);
      return Buffer.from(random.next() < 0.5 ? '['.repeat(depth) : '['.repeat(depth) + ']'.repeat(depth));
    }
    case 5:
      return Buffer.from(
        random.pick(['\ufeff', ' \t\n', ',', '// x\n', '}']) + text + random.pick(['', '\0', '}', '{}', ',']),
      );
    case 6:
      return Buffer.from(text, 'utf16le');
    case 7:
      return Buffer.alloc(0);
    default:
      return flipped(Buffer.from(text), random);
  }
}

function flipped(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return bytes;
  for (let flips = random.integer(1, 4); flips > 0; flips -= 1) {
    const at = random.integer(0, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
  }
  return bytes;
}
