import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ReportQueue } from './report-queue.js';

describe('ReportQueue', () => {
  it('gives back in order of time whatever is put in, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1 }), (times) => {
        const queue = new ReportQueue<number>();
        for (const atMs of times) queue.push(atMs, atMs);
        const out: number[] = [];
        while (queue.size > 0) {
          const { nextMs } = queue;
          out.push(queue.pop());
          expect(out.at(-1)).toBe(nextMs);
        }
        expect(out).toEqual(times.toSorted((a, b) => a - b));
        expect(queue.nextMs).toBeUndefined();
        expect(() => queue.pop()).toThrow(RangeError);
      }),
    );
  });
});
