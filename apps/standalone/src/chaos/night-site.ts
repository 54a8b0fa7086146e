import type { SimulatedSite } from '#simulators';

/** When it is to be there, hours on the local clock: an hour after sunset, with ten more hours of darkness to come. */
const LOCAL_HOUR = 19;

/** A place on the equator where it is early night now: what a lit lamp shows can then be seen at any time of the day. */
export function nightSite(nowMs: number): SimulatedSite {
  const utcHour = (nowMs / 3_600_000) % 24;
  const ahead = ((((Math.round(LOCAL_HOUR - utcHour) + 11) % 24) + 24) % 24) - 11;
  // POSIX counts west of Greenwich as positive.
  const timeZone = ahead === 0 ? 'Etc/GMT' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
  // Not on the date line, which no city may lie across: four minutes of sun beside it.
  return { address: 'chaos', name: 'Chaos', timeZone, latitude: 0, longitude: Math.min(15 * ahead, 179) };
}
