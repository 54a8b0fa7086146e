import { describe, expect, it } from '@jest/globals';
import { Agenda } from './agenda.js';
import type { SimulatedDevice } from './simulated-device.js';

/** A device with something to do at these instants, in any order; makes a reading each time. */
function deviceThatActsAt(...instants: number[]) {
  const acted: number[] = [];
  return {
    acted,
    instants,
    get generated() {
      return acted.length;
    },
    get nextActionMs() {
      return Math.min(...instants);
    },
    actUntil(ms: number) {
      for (const due of instants.filter((each) => each <= ms).toSorted((a, b) => a - b)) {
        acted.push(due);
        instants.splice(instants.indexOf(due), 1);
      }
    },
  };
}

const asDevice = (device: ReturnType<typeof deviceThatActsAt>) => device as unknown as SimulatedDevice;
const runAll = (agenda: Agenda) => {
  const turns: [number, number][] = [];
  while (agenda.nextMs !== undefined) turns.push([agenda.nextMs, agenda.runNext()]);
  return turns;
};

describe('the agenda of a fleet', () => {
  it('gives each device its turn when it is due', () => {
    const agenda = new Agenda();
    const [one, other] = [deviceThatActsAt(10, 30), deviceThatActsAt(20)];
    for (const device of [one, other]) agenda.enter(asDevice(device));
    expect(runAll(agenda)).toEqual([
      [10, 1],
      [20, 1],
      [30, 1],
    ]);
    expect([one.acted, other.acted]).toEqual([[10, 30], [20]]);
  });

  it('takes what a device brings forward, and passes over the entry it leaves behind', () => {
    const agenda = new Agenda();
    const device = deviceThatActsAt(100, 200);
    agenda.enter(asDevice(device));
    device.instants.push(50);
    for (let again = 0; again < 2; again += 1) agenda.enter(asDevice(device));
    expect(runAll(agenda)).toEqual([
      [50, 1],
      [100, 1],
      [100, 0],
      [200, 1],
    ]);
  });

  it('has nothing for a device that never acts', () => {
    const agenda = new Agenda();
    agenda.enter(asDevice(deviceThatActsAt()));
    expect(agenda.nextMs).toBeUndefined();
  });
});
