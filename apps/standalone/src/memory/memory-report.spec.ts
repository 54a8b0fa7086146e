import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plotOf, verdictOf, type MemorySample } from './memory-report.js';

const of = (heaps: readonly number[]): MemorySample[] =>
  heaps.map((heapMb, hour) => ({ hour, heapMb, residentMb: heapMb * 2 }));

describe('verdictOf', () => {
  it('finds a slow leak, and takes neither a spike nor less memory for one', () => {
    expect(verdictOf(of(Array.from({ length: 40 }, (_, n) => 100 + n))).isFlat).toBe(false);
    expect(verdictOf(of(Array.from({ length: 40 }, (_, n) => (n === 39 ? 900 : 100)))).isFlat).toBe(true);
    expect(verdictOf(of(Array.from({ length: 40 }, (_, n) => 200 - n)))).toMatchObject({ isFlat: true });
    expect(() => verdictOf(of([1, 2, 3]))).toThrow(/four or more/);
  });

  it('is the same at any scale', () => {
    const heaps = fc.array(fc.integer({ min: 10, max: 500 }), { minLength: 4, maxLength: 60 });
    fc.assert(
      fc.property(heaps, fc.integer({ min: 2, max: 9 }), (values, factor) => {
        const [small, large] = [verdictOf(of(values)), verdictOf(of(values.map((value) => value * factor)))];
        expect(large.growthPercent).toBeCloseTo(small.growthPercent, 6);
      }),
    );
  });
});

describe('plotOf', () => {
  it('draws from zero, with its highest value inside', () => {
    const plot = plotOf('heap', of([50, 100, 75, 100]), ({ heapMb }) => heapMb);
    expect(`\n${plot.replaceAll(/ +$/gm, '')}`).toMatchInlineSnapshot(`
      "
      heap
        100 MB │ █ █
               │ █ █
               │ █ █
               │ ███
               │ ███
               │ ███
               │████
               │████
               │████
               │████
               │████
             0 │████
               └────
                0.0 h3.0 h"
    `);
  });

  it('has room for any number of samples', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 500 }), (values) => {
        const lines = plotOf('heap', of(values), ({ heapMb }) => heapMb).split('\n');
        expect(lines).toHaveLength(15);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(90);
        expect(lines.slice(1, 13).join('')).toMatch(/[▁▂▃▄▅▆▇█]/);
      }),
    );
  });
});
