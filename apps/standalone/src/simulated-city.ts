import type { Clock } from '#libs/kernel';
import {
  FelinarApi,
  generateCity,
  readSavedFleet,
  saveFleet,
  seedCity,
  startFleet,
  type City,
  type Fleet,
} from '#simulators';

export interface SimulatedCityOptions {
  readonly dataPath: string;
  readonly apiUrl: string;
  /** API key for everything. */
  readonly key: string;
  readonly brokerUrl: string;
  readonly clock: Clock;
  readonly seed: number;
  readonly lamps: number;
  readonly say: (line: string) => void;
}

/** A city whose lamps report to the broker, and whose registers go on where they were when Felinar was stopped. */
export interface SimulatedCity {
  readonly city: City;
  readonly fleet: Fleet;
  /** Writes the state of the lamps down, so that the next start goes on from it. */
  save(): Promise<void>;
  stop(): Promise<void>;
}

/** Seeds the city through the API and sets its lamps going. Throws when the data directory holds another city. */
export async function startSimulatedCity(options: SimulatedCityOptions): Promise<SimulatedCity> {
  const saved = await readSavedFleet(options.dataPath);
  if (saved !== undefined && (saved.seed !== options.seed || saved.lamps !== options.lamps)) {
    throw new Error(
      `${options.dataPath} holds a city of ${saved.lamps} lamps (seed ${saved.seed}): start with --lamps ${saved.lamps} ` +
        `--seed ${saved.seed}, or begin anew with --fresh`,
    );
  }
  const city = generateCity({ seed: options.seed, lamps: options.lamps });
  const seeded = await seedCity(new FelinarApi(options.apiUrl, options.key), city);
  if (seeded === 'created')
    options.say(`Imported ${city.lamps.length} lamps in ${city.cabinets.length} cabinets through the API.`);
  const fleet = await startFleet({
    city,
    brokerUrl: options.brokerUrl,
    clock: options.clock,
    onProblem: (message) => options.say(`Simulator: ${message}`),
    ...(saved === undefined ? {} : { resume: saved.snapshot }),
  });
  const save = () =>
    saveFleet(options.dataPath, { seed: options.seed, lamps: options.lamps, snapshot: fleet.snapshot() });
  await save();
  return {
    city,
    fleet,
    save,
    stop: async () => {
      await fleet.stop();
      await save();
    },
  };
}
