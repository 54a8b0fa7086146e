import type { City } from '#simulators';
import { inventoryCsv } from '#simulators';

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
 * as it is. `key`: an API key for everything. Throws with the API's own words when it refuses.
 */
export async function seedCity(apiUrl: string, key: string, city: City): Promise<'created' | 'known'> {
  const { site } = city;
  const authorization = `Bearer ${key}`;
  const existing = await fetch(`${apiUrl}/api/v1/sites/${site.address}`, { headers: { authorization } });
  if (existing.ok) return 'known';
  const { address, name, timeZone, latitude, longitude } = site;
  // 2024 average of Romania's grid, rounded; an example to be replaced by the supplier's own figure.
  await send('POST', '/sites', { address, name, timeZone, latitude, longitude, co2GPerKwh: 240 });
  for (const type of city.lampTypes) {
    const { code, ratedPowerW, standbyPowerW, minLevelPercent, ratedLifeH } = type;
    const lampType = {
      code,
      name: type.name,
      technology: 'LED',
      ratedPowerW,
      standbyPowerW,
      dimmable: true,
      minLevelPercent,
      ratedLifeH,
    };
    await send('POST', '/lamp-types', lampType, [409]);
  }
  for (const cabinet of city.cabinets) await send('POST', `/sites/${address}/cabinets`, cabinet);
  await send('PUT', `/sites/${address}/tariffs/2020-01-01`, {
    name: 'Example with a night band',
    currency: 'RON',
    basePricePerKwh: 1.3,
    bands: [{ name: 'night', weekdays: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '06:00', pricePerKwh: 1.05 }],
  });
  await sendText(`/sites/${address}/inventory/import`, 'text/csv', inventoryCsv(city));
  for (const program of [EVENING, FULL]) await send('POST', `/sites/${address}/programs`, program);
  await send('POST', `/sites/${address}/calendars`, CALENDAR);
  await send('PUT', `/sites/${address}/assignments/site/${address}`, { calendar: CALENDAR.address });
  return 'created';

  function send(method: string, path: string, body: unknown, alsoFine: readonly number[] = []) {
    return request(method, path, 'application/json', JSON.stringify(body), alsoFine);
  }

  function sendText(path: string, type: string, body: string) {
    return request('POST', path, type, body, []);
  }

  async function request(
    method: string,
    path: string,
    type: string,
    body: string,
    alsoFine: readonly number[],
  ): Promise<void> {
    const response = await fetch(`${apiUrl}/api/v1${path}`, {
      method,
      headers: { authorization, 'content-type': type },
      body,
    });
    if (!response.ok && !alsoFine.includes(response.status)) {
      throw new Error(`${method} ${path} was refused (${response.status}): ${(await response.text()).slice(0, 2000)}`);
    }
  }
}
