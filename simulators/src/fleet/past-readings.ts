import type { Reading } from '#libs/protocol';
import type { City, SimulatedLampType } from '../city/city.js';
import { hash } from '../random.js';
import { DeviceClock } from './device-clock.js';
import { astronomicalPlan } from './level-plan.js';
import { LampController } from './simulated-lamp.js';

export interface PastReading {
  /** Place of the lamp in `city.lamps`. */
  readonly lamp: number;
  readonly timeMs: number;
  readonly reading: Reading;
}

/**
 * What the lamps of a city would have reported from one instant to another, each every `intervalS` seconds and each at its own moment of
 * it, in the order of time: the readings of `startFleet` without devices and broker.
 */
export function* pastReadings(city: City, fromMs: number, toMs: number, intervalS: number): Generator<PastReading> {
  const { latitude, longitude, timeZone } = city.site;
  const plan = astronomicalPlan({ latitude, longitude, timeZone });
  const clock = new DeviceClock({ nowMs: () => fromMs, speed: 1 });
  const controllers = city.lamps
    .map((lamp, index) => {
      const type = city.lampTypes.find(({ code }) => code === lamp.lampType) as SimulatedLampType;
      const offsetMs = hash(`${city.seed} ${lamp.address}`) % (intervalS * 1000);
      const controller = new LampController({ lamp, type, site: city.site, plan, clock, startMs: fromMs });
      return { index, offsetMs, controller };
    })
    .sort((a, b) => a.offsetMs - b.offsetMs);
  for (let roundMs = fromMs; roundMs < toMs; roundMs += intervalS * 1000) {
    for (const { index, offsetMs, controller } of controllers) {
      const timeMs = roundMs + offsetMs;
      if (timeMs < toMs) yield { lamp: index, timeMs, reading: controller.readingAt(timeMs).reading };
    }
  }
}
