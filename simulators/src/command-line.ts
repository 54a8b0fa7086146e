import { isAddress, isTimeZone } from '#libs/kernel';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { SimulatedSite } from './city/city.js';
import { BOTOSANI } from './city/generate-city.js';
import { SCENARIOS } from './faults/scenarios.js';

export interface SimulateOptions {
  readonly broker: string | undefined;
  readonly lamps: number;
  readonly cabinets: number | undefined;
  readonly seed: number;
  readonly site: SimulatedSite;
  readonly reportingIntervalS: number;
  readonly speed: number;
  readonly startMs: number | undefined;
  /** Stop after so many simulated hours; undefined: run until Ctrl-C. */
  readonly hours: number | undefined;
  readonly gatewayShare: number;
  readonly serverDrivenShare: number;
  readonly driftPpm: number;
  readonly truthFile: string | undefined;
  readonly inventoryFile: string | undefined;
  /** Name of what goes wrong. */
  readonly scenario: string;
  readonly faultsTruthFile: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** File with the authority that signed the broker's certificate. */
  readonly caFile: string | undefined;
  /** Felinar's API, to which the city is made known and which gives the devices passwords. */
  readonly api: string | undefined;
  /** Directory with what the next start goes on from. */
  readonly keep: string | undefined;
}

const OPTIONS = {
  broker: { type: 'string' },
  lamps: { type: 'string', default: '500' },
  cabinets: { type: 'string' },
  seed: { type: 'string', default: '1' },
  site: { type: 'string', default: BOTOSANI.address },
  'time-zone': { type: 'string', default: BOTOSANI.timeZone },
  latitude: { type: 'string', default: String(BOTOSANI.latitude) },
  longitude: { type: 'string', default: String(BOTOSANI.longitude) },
  interval: { type: 'string', default: '300' },
  speed: { type: 'string', default: '1' },
  start: { type: 'string' },
  hours: { type: 'string' },
  'gateway-share': { type: 'string', default: '0.7' },
  'server-driven-share': { type: 'string', default: '0' },
  'drift-ppm': { type: 'string', default: '0' },
  truth: { type: 'string' },
  inventory: { type: 'string' },
  scenario: { type: 'string', default: 'clean' },
  'faults-truth': { type: 'string' },
  username: { type: 'string' },
  password: { type: 'string' },
  ca: { type: 'string' },
  api: { type: 'string' },
  keep: { type: 'string' },
  help: { type: 'boolean', default: false, short: 'h' },
} satisfies ParseArgsConfig['options'];

export const USAGE = `npm run simulate -- --broker mqtt://localhost:1883 [options]

  --broker URL        the MQTT broker; without one, --inventory is written and that is all
  --lamps N           lamps (500)
  --cabinets N        cabinets (12 for 500 lamps, otherwise one for every 42)
  --seed N            another city (1)
  --site ADDRESS      address of the site in topics (botosani)
  --time-zone, --latitude, --longitude   where the site lies (Botoșani)
  --interval S        how often a device reports, simulated seconds (300)
  --speed X           simulated time runs X times faster (1). A server whose clock does not run with it refuses readings
                      that are more than 24 h off
  --start TIME        simulated time begins here, such as 2026-11-24T12:00:00Z (now)
  --hours H           stop after H simulated hours
  --gateway-share F   share of the cabinets whose lamps a gateway speaks for, 0 to 1 (0.7)
  --server-driven-share F   share of the devices that store no program: the server commands every change of theirs (0)
  --drift-ppm N       the most that a device's clock gains or loses, parts per million (0; 20 are 1.7 s a day)
  --inventory FILE    write the lamps for the API's import: .csv or .geojson
  --truth FILE        when it ends, write what every lamp has really used (JSON)
  --scenario NAME     what goes wrong, by the seed (clean):
${[...SCENARIOS.values()].map(({ name, description }) => `      ${name.padEnd(22)}${description}`).join('\n')}
  --faults-truth FILE when it ends, write which faults a server should have found (JSON)
  --username, --password   of every device at the broker
  --ca FILE           authority that signed the broker's certificate, PEM, where Node does not know it
  --api URL           Felinar's API, such as http://localhost:3000: the city is made known to it, and every device gets a
                      password of its own for the broker. A key for it stands in FELINAR_API_KEY or in a file that
                      FELINAR_API_KEY_FILE names
  --keep DIRECTORY    where passwords and the state of the lamps are kept for the next start; wanted with --api
  --help              this text`;

/** Reads the command line; undefined when help was asked for. Throws an Error that says everything that is wrong. */
export function readCommandLine(argv: readonly string[]): SimulateOptions | undefined {
  const { values } = parse(argv);
  if (values.help) return undefined;
  const problems: string[] = [];
  const number = (name: keyof typeof OPTIONS, fits: (value: number) => boolean, wants: string): number => {
    const text = String(values[name]);
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!fits(value)) problems.push(`--${name} wants ${wants}, not "${text}"`);
    return value;
  };
  const whole = (min: number, max: number) => (value: number) =>
    Number.isInteger(value) && value >= min && value <= max;
  const lamps = number('lamps', whole(1, 1_000_000), 'a whole number from 1 to 1,000,000');
  const options: SimulateOptions = {
    broker: values.broker,
    lamps,
    cabinets:
      values.cabinets === undefined
        ? undefined
        : number('cabinets', whole(1, lamps), 'a whole number from 1 to that of the lamps'),
    seed: number('seed', whole(0, 2 ** 32 - 1), 'a whole number from 0 to 4294967295'),
    site: {
      address: values.site,
      name: values.site === BOTOSANI.address ? BOTOSANI.name : values.site,
      timeZone: values['time-zone'],
      latitude: number('latitude', (value) => Math.abs(value) <= 90, 'degrees from -90 to 90'),
      longitude: number('longitude', (value) => Math.abs(value) <= 180, 'degrees from -180 to 180'),
    },
    reportingIntervalS: number('interval', whole(1, 86_400), 'whole seconds from 1 to 86,400'),
    speed: number('speed', (value) => value > 0 && value <= 10_000, 'a number above 0, at most 10,000'),
    startMs: values.start === undefined ? undefined : Date.parse(values.start),
    hours: values.hours === undefined ? undefined : number('hours', (value) => value > 0, 'a number above 0'),
    gatewayShare: number('gateway-share', isShare, 'a number from 0 to 1'),
    serverDrivenShare: number('server-driven-share', isShare, 'a number from 0 to 1'),
    driftPpm: number('drift-ppm', (value) => value >= 0 && value <= 100_000, 'a number from 0 to 100,000'),
    truthFile: values.truth,
    inventoryFile: values.inventory,
    scenario: values.scenario,
    faultsTruthFile: values['faults-truth'],
    username: values.username,
    password: values.password,
    caFile: values.ca,
    api: values.api,
    keep: values.keep,
  };
  if (values.broker !== undefined && !(/^(mqtts?|wss?):\/\//.test(values.broker) && URL.canParse(values.broker))) {
    problems.push(`--broker wants a URL such as mqtt://localhost:1883, not "${values.broker}"`);
  }
  if (values.api !== undefined && !(/^https?:\/\//.test(values.api) && URL.canParse(values.api))) {
    problems.push(`--api wants a URL such as http://localhost:3000, not "${values.api}"`);
  }
  if (values.api !== undefined && values.keep === undefined) {
    problems.push('--keep wants a directory: the API shows a password once');
  }
  if (!isAddress(values.site)) problems.push('--site wants letters, digits and . _ ~ - only');
  if (Number.isNaN(options.startMs))
    problems.push(`--start wants a time such as 2026-11-24T12:00:00Z, not "${values.start ?? ''}"`);
  if (!isTimeZone(options.site.timeZone))
    problems.push(`--time-zone wants an IANA name such as Europe/Helsinki, not "${options.site.timeZone}"`);
  if (options.inventoryFile !== undefined && !/\.(csv|geojson)$/.test(options.inventoryFile)) {
    problems.push('--inventory wants a file name that ends in .csv or .geojson');
  }
  if (!SCENARIOS.has(values.scenario)) {
    problems.push(`--scenario wants one of ${[...SCENARIOS.keys()].join(', ')}, not "${values.scenario}"`);
  }
  if (options.broker === undefined && options.inventoryFile === undefined) {
    problems.push('name a broker (--broker mqtt://…), or a file to write the inventory to (--inventory lamps.csv)');
  }
  if (problems.length > 0) throw new Error(`${problems.join('\n')}\n\n${USAGE}`);
  return options;
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, { cause: error });
  }
}
