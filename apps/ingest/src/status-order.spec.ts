import { describe, expect, it } from '@jest/globals';
import { StatusOrder } from './status-order.js';

const T = Date.parse('2026-11-24T18:00:00Z');
const at = (s: number) => T + s * 1000;
const window = (earliestS: number, latestS: number) => ({ earliestMs: at(earliestS), latestMs: at(latestS) });

describe('StatusOrder', () => {
  it('places a status by its own time where it can have been sent then, else as near to it as it can', () => {
    const place = (ownMs: number | undefined, retained = false) =>
      new StatusOrder().place('s/d', true, ownMs, retained, window(-10, 0));
    expect(place(at(-4))).toBe(at(-4));
    expect(place(at(-400))).toBe(at(-10));
    expect(place(at(+400))).toBe(at(0));
    expect(place(undefined)).toBe(at(0));
    expect(place(at(-400), true)).toBe(at(-400));
    expect(place(at(+400), true)).toBe(at(0));
  });

  it('a process that is behind places the past where it was', () => {
    const present = new StatusOrder();
    present.place('s/d', true, at(0), false, window(-5, 0));
    present.place('s/d', false, at(0), false, window(55, 60));
    const online = present.place('s/d', true, at(61), false, window(60, 61));
    const behind = new StatusOrder();
    const late = (ownS: number, isOnline: boolean) => behind.place('s/d', isOnline, at(ownS), false, window(-5, 300));
    expect(late(0, true)).toBeLessThan(online);
    expect(late(0, false)).toBeLessThan(online);
    expect(late(61, true)).toBe(online);
  });

  it('goes forward when the clock of a device is set back', () => {
    const order = new StatusOrder();
    const first = order.place('s/d', true, at(0), false, window(-5, 0));
    const will = order.place('s/d', false, at(0), false, window(-5, 1));
    const again = order.place('s/d', true, at(-4), false, window(-5, 2));
    expect(will).toBe(first);
    expect(again).toBeGreaterThan(will);
    expect(order.place('s/other', true, at(-4), false, window(-5, 2))).toBe(at(-4));
  });
});
