import { describe, expect, it } from '@jest/globals';
import { Agenda } from './agenda.js';
import type { SimulatedDevice } from './simulated-device.js';

/** Something to do every ten milliseconds; makes a reading each time. */
function device(firstMs: number) {
  const acted: number[] = [];
  const fake = {
    acted,
    generated: 0,
    nextActionMs: firstMs,
    actUntil(ms: number) {
      if (fake.nextActionMs > ms) return;
      acted.push(ms);
      fake.generated += 1;
      fake.nextActionMs = ms + 10;
    },
  };
  return fake;
}
const asDevice = (fake: ReturnType<typeof device>) => fake as unknown as SimulatedDevice;

describe('the agenda', () => {
  it('lets devices act in order of time, and counts the readings', () => {
    const agenda = new Agenda();
    const [a, b] = [device(5), device(3)];
    for (const each of [a, b]) agenda.enter(asDevice(each));
    let made = 0;
    while ((agenda.nextMs ?? Infinity) <= 25) made += agenda.runNext();
    expect([a.acted, b.acted, made]).toEqual([[5, 15, 25], [3, 13, 23], 6]);
  });

  it('hears of something earlier, and does not double a device by it', () => {
    const agenda = new Agenda();
    const one = device(100);
    agenda.enter(asDevice(one));
    one.nextActionMs = 50;
    for (let again = 0; again < 3; again += 1) agenda.enter(asDevice(one));
    while ((agenda.nextMs ?? Infinity) <= 120) agenda.runNext();
    expect(one.acted).toEqual([50, 60, 70, 80, 90, 100, 110, 120]);
  });

  it('passes over a device that has nothing to do', () => {
    const agenda = new Agenda();
    agenda.enter(asDevice(device(Number.POSITIVE_INFINITY)));
    expect(agenda.nextMs).toBeUndefined();
  });
});
