import { describe, expect, it } from '@jest/globals';
import { scale, scalingSection, storageSection } from '../../../scripts/scaling.mjs';

const tier = (name: string, table: number, compressedBytesPerRow?: number) => ({
  ...{ tier: name, rowsPerLampYear: 1, bytesPerRow: { table, indexes: 50 } },
  ...(compressedBytesPerRow === undefined ? {} : { compressedBytesPerRow }),
});
const tiers = (isCompressed: boolean) => [
  tier('readings', 50, isCompressed ? 10 : undefined),
  ...[
    'averages of lamps, by hour',
    'energy of lamps, by hour',
    'averages of lamps, by day',
    'energy of lamps, by day',
  ].map((name) => tier(name, 50)),
];
const measured = {
  storage: {
    ...{ date: '2026-11-25', command: 'measure', lamps: 1, days: 1, intervalS: 900 },
    editions: { 'timescale-apache': tiers(false), 'timescale-community': tiers(true) },
  },
  ingest: {
    ...{ date: '2026-11-25', command: 'bench', cores: 2, loadAverage: 1 },
    scenarios: [
      { readingsPerMessage: 1, readingsPerS: 1000, messagesPerS: 1000 },
      { readingsPerMessage: 100, readingsPerS: 4000, messagesPerS: 40 },
    ],
  },
};

describe('scale', () => {
  it('reckons a million lamps with a reading every 15 minutes', () => {
    const { keptGb, ...figures } = scale(measured, { lamps: 900_000 });
    expect(Math.ceil(keptGb / 4000)).toBe(2);
    expect(figures).toEqual({
      lamps: 900_000,
      messagesPerS: 1000,
      rowsPerDay: 86_400_000,
      rawGbPerYear: expect.closeTo((86_400_000 * 365.25 * 100) / 1e9, 6),
      compressedGbPerYear: expect.closeTo((86_400_000 * 365.25 * 10) / 1e9, 6),
      // Half of what one does.
      processes: 2,
      cores: 4,
      connections: 900_000,
      // One for the processes, two for the database's disk, nine for the connections.
      machines: 12,
      chunkGb: 8.64,
      chunkHours: 24,
    });
  });

  it('counts what is kept: a week as it came, the rest of half a year compressed, hours and days of three years', () => {
    const perLamp = 96 * (7 * 100 + 173 * 10) + 24 * 1100 * 100 * 2 + 1100 * 100 * 2;
    expect(scale(measured, { lamps: 1000 }).keptGb).toBeCloseTo((1000 * perLamp) / 1e9, 9);
  });

  it('takes the figures of gateways for gateways, and shortens chunks that would not fit into memory', () => {
    const behindGateways = scale(measured, { lamps: 9_000_000, perMessage: 100 });
    expect(behindGateways.messagesPerS).toBe(100);
    expect(behindGateways.processes).toBe(5);
    expect(behindGateways.chunkHours).toBe(4);
  });

  it('says what is missing', () => {
    const none = { ...measured, storage: { ...measured.storage, editions: {} } };
    expect(() => scale(none, { lamps: 1 })).toThrow('measure:storage');
  });
});

it('makes tables for the pages', () => {
  expect(storageSection(measured)).toContain(
    '| readings | 1 | 100 (50 of it indexes) | 100 (50 of it indexes) | 10 | 10.0 |',
  );
  expect(scalingSection(measured)).toContain('| 1,000,000 | 1,111 |');
});
