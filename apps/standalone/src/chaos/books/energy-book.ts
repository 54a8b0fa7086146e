import type { LampTruth } from '#simulators';
import type { PatientApi } from '../patient-api.js';
import { line, type BookLine } from './book-line.js';

const HOUR_MS = 3_600_000;
const SHARE = 0.001;
/** Registers are reported in steps of 0.01 Wh: half a step at either end, and as much again for what is spread over hours. */
const ROUNDING_WH = 0.02;

interface EnergyRow {
  readonly key: string | null;
  readonly energyKwh: number;
}

/** Energy of every lamp by the API, Wh. */
export async function bookedEnergy(
  api: PatientApi,
  site: string,
  truth: readonly LampTruth[],
): Promise<Map<string, number>> {
  const firstMs = Math.min(...truth.map(({ first }) => first?.timeMs ?? Infinity));
  const lastMs = Math.max(...truth.map(({ last }) => last?.timeMs ?? 0));
  const from = new Date(Math.floor(firstMs / HOUR_MS) * HOUR_MS).toISOString();
  const to = new Date(Math.ceil(lastMs / HOUR_MS) * HOUR_MS).toISOString();
  const sums = new Map<string, number>();
  for (let cursor = ''; ;) {
    const page = await api.get<{ rows: EnergyRow[]; nextCursor?: string | null }>(
      `/sites/${site}/energy?from=${from}&to=${to}&by=month&groupBy=lamp${cursor}`,
    );
    for (const { key, energyKwh } of page.rows) sums.set(key ?? '', (sums.get(key ?? '') ?? 0) + energyKwh * 1000);
    if (page.nextCursor == null) return sums;
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

/** `unsure`: lamps whose readings' order is not known, as their device's clock was put back. Pure. */
export function compareEnergy(
  truth: readonly LampTruth[],
  booked: ReadonlyMap<string, number>,
  unsure: ReadonlySet<string>,
): BookLine[] {
  const sure = truth.filter(({ lamp }) => !unsure.has(lamp));
  const strayed = sure.filter(({ lamp, trueEnergyWh }) => {
    const strays = Math.abs((booked.get(lamp) ?? 0) - trueEnergyWh);
    return !(strays <= SHARE * trueEnergyWh + ROUNDING_WH);
  });
  const sum = (own: readonly LampTruth[], of: (lamp: LampTruth) => number) =>
    Math.round(1000 * own.reduce((all, lamp) => all + of(lamp), 0)) / 1000;
  const bookedOf = ({ lamp }: LampTruth) => booked.get(lamp) ?? 0;
  const [trueWh, bookedWh] = [sum(sure, (lamp) => lamp.trueEnergyWh), sum(sure, bookedOf)];
  const rest = truth.filter(({ lamp }) => unsure.has(lamp));
  return [
    line(
      'energy',
      'lamps, and those whose energy is right',
      sure.length,
      sure.length - strayed.length,
      strayed.map((lamp) => `${lamp.lamp}: ${bookedOf(lamp)} Wh booked, ${lamp.trueEnergyWh} Wh drawn`),
    ),
    {
      book: 'energy',
      what: 'drawn, and booked, Wh',
      wanted: trueWh,
      found: bookedWh,
      balances: Math.abs(trueWh - bookedWh) <= SHARE * trueWh + ROUNDING_WH,
      notes:
        rest.length === 0
          ? []
          : [
              `not counted: ${rest.length} lamps whose clocks were put back, ${sum(rest, (lamp) => lamp.trueEnergyWh)} Wh drawn, ${sum(rest, bookedOf)} Wh booked`,
            ],
    },
  ];
}
