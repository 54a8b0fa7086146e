import type { City } from '../city/city.js';
import { inventoryCsv } from '../city/inventory.js';
import type { FelinarApi } from './felinar-api.js';

const night = {
  from: { anchor: { kind: 'sunset' }, offsetMinutes: 0 },
  to: { anchor: { kind: 'sunrise' }, offsetMinutes: 0 },
};

/** Lit all night, dimmed in two steps when the streets are empty. */
const EVENING = {
  address: 'EVENING',
  name: 'Dimmed after 22:30',
  activePeriods: [night],
  switchPoints: [
    { at: { anchor: { kind: 'clock', time: '22:30' }, offsetMinutes: 0 }, levelPercent: 70, fadeS: 60 },
    { at: { anchor: { kind: 'clock', time: '00:30' }, offsetMinutes: 0 }, levelPercent: 40, fadeS: 60 },
    { at: { anchor: { kind: 'clock', time: '05:30' }, offsetMinutes: 0 }, levelPercent: 100, fadeS: 30 },
  ],
  minimumLevelPercent: 10,
};
const FULL = {
  address: 'FULL',
  name: 'Full light all night',
  activePeriods: [night],
  switchPoints: [],
  minimumLevelPercent: 10,
};

/** Full light on the nights when people are out late. */
const CALENDAR = {
  address: 'CITY',
  name: 'City',
  rules: [
    { conditions: [{ kind: 'dateRange', from: '12-24', to: '01-02' }], program: 'FULL' },
    { conditions: [{ kind: 'easter', offsetDays: -1, church: 'orthodox' }], program: 'FULL' },
  ],
  defaultProgram: 'EVENING',
};

/**
 * Makes the simulated city known to Felinar the way an integrator would: through the API. A city that is known already is left
 * as it is; one whose making was interrupted is finished. Throws with the API's own words when it refuses.
 */
export async function seedCity(api: FelinarApi, city: City): Promise<'created' | 'known'> {
  const { address, name, timeZone, latitude, longitude } = city.site;
  const site = `/sites/${address}`;
  if ((await api.get(`${site}/calendars/${CALENDAR.address}`)) !== undefined) return 'known';
  const create = (path: string, body: unknown) => api.send('POST', path, body, [409]);
  // 2024 average of Romania's grid, rounded; an example to be replaced by the supplier's own figure.
  await create('/sites', { address, name, timeZone, latitude, longitude, co2GPerKwh: 240 });
  for (const type of city.lampTypes) {
    const { code, ratedPowerW, standbyPowerW, minLevelPercent, ratedLifeH } = type;
    await create('/lamp-types', {
      code,
      name: type.name,
      technology: 'LED',
      ratedPowerW,
      standbyPowerW,
      dimmable: true,
      minLevelPercent,
      ratedLifeH,
    });
  }
  for (const cabinet of city.cabinets) await create(`${site}/cabinets`, cabinet);
  await api.send('PUT', `${site}/tariffs/2020-01-01`, {
    name: 'Example with a night band',
    currency: 'RON',
    basePricePerKwh: 1.3,
    bands: [{ name: 'night', weekdays: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '06:00', pricePerKwh: 1.05 }],
  });
  await api.sendText('POST', `${site}/inventory/import`, 'text/csv', inventoryCsv(city));
  for (const program of [EVENING, FULL]) await create(`${site}/programs`, program);
  await create(`${site}/calendars`, CALENDAR);
  await api.send('PUT', `${site}/assignments/site/${address}`, { calendar: CALENDAR.address });
  return 'created';
}
