import type { SimulatedLampType } from './city.js';
import type { StreetClass } from './street-plan.js';

const led = (code: string, name: string, ratedPowerW: number, standbyPowerW: number): SimulatedLampType => ({
  code,
  name,
  ratedPowerW,
  standbyPowerW,
  minLevelPercent: 10,
  powerFactor: 0.97,
  ratedLifeH: 100_000,
});

export const LAMP_TYPES: readonly SimulatedLampType[] = [
  led('LED-24-PARK', 'LED post-top 24 W', 24, 0.3),
  led('LED-36', 'LED 36 W, residential streets', 36, 0.4),
  led('LED-57', 'LED 57 W, collector streets', 57, 0.4),
  led('LED-89', 'LED 89 W, main roads', 89, 0.5),
  led('LED-120', 'LED 120 W, ring road', 120, 0.5),
];

/** What stands along a street: lamp type, EN 13201 class, mounting height, spacing, distance from the axis, group. */
export const STREET_LIGHTING: Record<
  StreetClass,
  { lampType: string; roadClass: string; mountingHeightM: number; spacingM: number; offAxisM: number; group: string }
> = {
  main: { lampType: 'LED-89', roadClass: 'M3', mountingHeightM: 10, spacingM: 32, offAxisM: 7, group: 'main-roads' },
  ring: { lampType: 'LED-120', roadClass: 'M3', mountingHeightM: 12, spacingM: 35, offAxisM: 8, group: 'ring' },
  collector: {
    lampType: 'LED-57',
    roadClass: 'M5',
    mountingHeightM: 8,
    spacingM: 30,
    offAxisM: 5,
    group: 'collectors',
  },
  residential: {
    lampType: 'LED-36',
    roadClass: 'P4',
    mountingHeightM: 6,
    spacingM: 28,
    offAxisM: 4,
    group: 'residential',
  },
  park: { lampType: 'LED-24-PARK', roadClass: 'P5', mountingHeightM: 4, spacingM: 25, offAxisM: 1, group: 'park' },
};
