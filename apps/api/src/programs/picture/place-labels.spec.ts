import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { placeLabels, type Wanted } from './place-labels.js';

const label: fc.Arbitrary<Wanted> = fc.record({
  x: fc.integer({ min: 50, max: 1150 }),
  width: fc.integer({ min: 10, max: 200 }),
  anchor: fc.constantFrom('start', 'middle', 'end'),
});

describe('placeLabels', () => {
  it('keeps labels apart and within the picture', () => {
    fc.assert(
      fc.property(fc.array(label, { maxLength: 40 }), (wanted) => {
        const { placed, rows } = placeLabels(wanted, 50, 1150);
        const boxes = placed.map(({ left, row }, index) => ({ left, row, right: left + (wanted[index]?.width ?? 0) }));
        boxes.forEach((box, index) => {
          expect(box.left).toBeGreaterThanOrEqual(50);
          expect(box.right).toBeLessThanOrEqual(1150);
          expect(box.row).toBeLessThan(rows);
          for (const other of boxes.slice(index + 1)) {
            expect(other.row === box.row && other.left < box.right && box.left < other.right).toBe(false);
          }
        });
      }),
    );
  });

  it('lets no line of a label cross another label, where labels begin at their line', () => {
    const begins = fc
      .array(label, { maxLength: 20 })
      .map((labels) => labels.map((each) => ({ ...each, anchor: 'start' as const })));
    fc.assert(
      fc.property(begins, (wanted) => {
        // Far from the right edge, where labels have to give way.
        const { placed } = placeLabels(wanted, 50, 5000);
        placed.forEach((mine, index) => {
          placed.forEach((other, at) => {
            const isBetween = other.left < mine.left && mine.left < other.left + (wanted[at]?.width ?? 0);
            expect(index !== at && isBetween && other.row < mine.row).toBe(false);
          });
        });
      }),
    );
  });

  it('uses one row where that is enough', () => {
    const wanted = [100, 300, 500].map((x) => ({ x, width: 80 }));
    expect(placeLabels(wanted, 50, 1150).rows).toBe(1);
    expect(placeLabels([], 50, 1150)).toEqual({ placed: [], rows: 0 });
  });
});
