import { parseArgs, type ParseArgsConfig } from 'node:util';

/** What `npm start -- …` was asked for. */
export interface StandaloneOptions {
  readonly help: boolean;
  /** Throw the data of earlier runs away. */
  readonly fresh: boolean;
  readonly simulator: boolean;
  readonly lamps: number;
  readonly seed: number;
  /** Simulated seconds per second. */
  readonly speed: number;
  /** When the city's time begins; undefined: now. */
  readonly startMs: number | undefined;
  readonly data: string;
  readonly httpPort: number;
  readonly mqttPort: number;
}

const OPTIONS = {
  fresh: { type: 'boolean', default: false },
  'no-simulator': { type: 'boolean', default: false },
  lamps: { type: 'string', default: '500' },
  seed: { type: 'string', default: '1' },
  speed: { type: 'string', default: '1' },
  start: { type: 'string' },
  data: { type: 'string', default: '.felinar/data' },
  port: { type: 'string', default: '3000' },
  'mqtt-port': { type: 'string', default: '1883' },
  help: { type: 'boolean', default: false, short: 'h' },
} satisfies ParseArgsConfig['options'];

export const USAGE = `npm start -- [options]

  --fresh          begin anew: throw away the data of earlier runs
  --lamps N        lamps of the simulated city (500; 1 to 100,000)
  --seed N         another city (1)
  --speed X        simulated time runs X times faster: 120 is a night in six minutes (1)
  --start TIME     the city's time begins here, such as 2026-11-25T15:00:00Z (now)
  --no-simulator   no simulated city: connect your own devices
  --data DIR       where the data lives (.felinar/data)
  --port N         port of the API (3000, or a free one when it is taken)
  --mqtt-port N    port of the MQTT broker (1883, or a free one when it is taken)
  --help           this text

FELINAR_DATABASE_URL and FELINAR_MQTT_URL name a database and a broker to use instead of the embedded ones.`;

/** Reads the command line. Throws an Error whose message says what is wrong, and the usage. */
export function readCommandLine(argv: readonly string[]): StandaloneOptions {
  let values: ReturnType<typeof parse>['values'];
  try {
    values = parse(argv).values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, { cause: error });
  }
  return {
    help: values.help,
    fresh: values.fresh,
    simulator: !values['no-simulator'],
    lamps: wholeNumber('--lamps', values.lamps, 1, 100_000),
    seed: wholeNumber('--seed', values.seed, 0, 2 ** 32 - 1),
    speed: positive('--speed', values.speed, 10_000),
    startMs: values.start === undefined ? undefined : instant('--start', values.start),
    data: values.data,
    httpPort: wholeNumber('--port', values.port, 0, 65_535),
    mqttPort: wholeNumber('--mqtt-port', values['mqtt-port'], 0, 65_535),
  };
}

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false });
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max) {
    throw new Error(`${name} wants a whole number from ${min} to ${max}, not "${text}"`);
  }
  return value;
}

function instant(name: string, text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new Error(`${name} wants a time such as 2026-11-25T15:00:00Z, not "${text}"`);
  return ms;
}

function positive(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!(value > 0 && value <= max)) throw new Error(`${name} wants a number above 0, at most ${max}, not "${text}"`);
  return value;
}
