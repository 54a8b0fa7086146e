import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Detector } from '../src/detection/detector.js';
import { WatchedCity } from './support/watched-city.js';

const ids = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

describe('the monitor', () => {
  let city: WatchedCity;

  beforeEach(async () => {
    city = await WatchedCity.start(4, 20);
    // Long enough that every lamp is known and warm.
    await city.pass(20);
  });

  afterEach(() => city.stop());

  it('tells one failed lamp once, in its second reading, and its end once', async () => {
    expect(await city.faults()).toEqual([]);
    city.shows(3, { level: 0, inEffect: 100, powerW: 0.5 });
    await city.pass(5);
    expect(await city.faults()).toEqual(['lampFailure lamp:3 suspected']);
    expect(await city.alerts()).toEqual([]);
    await city.pass(5);
    expect(await city.alerts()).toEqual(['opened lampFailure lamp:3']);
    await city.pass(60);
    expect(await city.alerts()).toHaveLength(1);
    city.shows(3, {});
    await city.pass(20);
    expect(await city.faults()).toEqual(['lampFailure lamp:3 cleared']);
    expect(await city.alerts()).toEqual(['opened lampFailure lamp:3', 'cleared lampFailure lamp:3']);
    const history = await city.pool.query('SELECT event FROM fault_history ORDER BY id');
    expect(history.rows.map(({ event }) => event)).toEqual(['opened', 'cleared']);
  });

  it('closes what has been gone for long, once', async () => {
    city.shows(3, { level: 0, inEffect: 100, powerW: 0.5 });
    await city.falls(ids(21, 40), true);
    await city.pass(20);
    city.shows(3, {});
    await city.returns(ids(21, 40));
    await city.pass(20);
    const { rows: live } = await city.pool.query('SELECT count(*)::int AS faults FROM fault');
    await city.isAway(48 * 60);
    await city.pass(10);
    const { rows } = await city.pool.query(
      `SELECT count(*)::int AS faults, count(*) FILTER (WHERE phase = 'closed' AND closed_at IS NOT NULL)::int AS closed FROM fault`,
    );
    expect(rows).toEqual([{ faults: live[0].faults, closed: live[0].faults }]);
    const history = await city.pool.query(`SELECT count(*)::int AS events FROM fault_history WHERE event = 'closed'`);
    expect(history.rows).toEqual([{ events: live[0].faults }]);
  });

  it('ends the faults of a lamp that is taken out of the inventory, and tells who was told of them', async () => {
    city.shows(3, { level: 0, inEffect: 100, powerW: 0.5 });
    city.shows(4, { level: 0, inEffect: 100, powerW: 0.5 });
    await city.pass(10);
    city.shows(5, { level: 0, inEffect: 100, powerW: 0.5 });
    await city.pass(5);
    expect(await city.faults()).toContain('lampFailure lamp:5 suspected');
    await city.pool.query('UPDATE lamp SET removed_at = now() WHERE id IN (3, 5)');
    await city.look();
    expect(await city.faults()).toEqual(['lampFailure lamp:3 cleared', 'lampFailure lamp:4 open']);
    expect((await city.alerts()).at(-1)).toBe('cleared lampFailure lamp:3');
    await city.isAway(48 * 60);
    await city.look();
    expect(await city.faults()).not.toContainEqual(expect.stringContaining('lamp:3 cleared'));
  });

  it('looks for a fault where its lamp has been moved to', async () => {
    city.shows(3, { level: 0, inEffect: 100, powerW: 0.5 });
    await city.pass(10);
    await city.pool.query('UPDATE lamp SET cabinet_id = 2 WHERE id = 3');
    await city.pass(5);
    const { rows } = await city.pool.query('SELECT phase, cabinet_id AS cabinet FROM fault');
    expect(rows).toEqual([{ phase: 'open', cabinet: 2 }]);
  });

  it('makes one outage of a cabinet whose devices go offline, within two minutes, and tells nothing of its members', async () => {
    await city.falls(ids(21, 40), true);
    await city.pass(2);
    expect(await city.alerts()).toEqual(['opened cabinetOutage cabinet:2']);
    expect((await city.faults()).filter((fault) => fault.startsWith('communicationFailure'))).toHaveLength(20);
    await city.pass(30);
    expect(await city.alerts()).toHaveLength(1);
    await city.returns(ids(21, 40));
    await city.pass(20);
    expect(await city.alerts()).toEqual(['opened cabinetOutage cabinet:2', 'cleared cabinetOutage cabinet:2']);
    expect((await city.faults()).every((fault) => / cleared/.test(fault))).toBe(true);
  });

  it('does not take the circuit whose lamps are missed first for the cabinet that has lost power', async () => {
    await city.falls(ids(21, 30), true);
    await city.pass(1);
    await city.falls(ids(31, 40), true);
    await city.pass(10);
    expect(await city.alerts()).toEqual(['opened cabinetOutage cabinet:2']);
  });

  it('tells a circuit from a cabinet, and a lamp that stays silent when its circuit is back', async () => {
    await city.falls(ids(1, 10), true);
    await city.pass(1);
    // It may be the first of a cabinet.
    expect(await city.alerts()).toEqual([]);
    await city.pass(1);
    expect(await city.alerts()).toEqual(['opened circuitOutage circuit:1/C1']);
    await city.returns(ids(1, 9));
    await city.pass(8);
    expect(await city.alerts()).toHaveLength(2);
    await city.pass(6);
    expect(await city.alerts()).toEqual([
      'opened circuitOutage circuit:1/C1',
      'cleared circuitOutage circuit:1/C1',
      'opened communicationFailure device:L-10',
    ]);
  });

  it('does not take the platform’s silence for the lamps’, nor its own for theirs', async () => {
    await city.falls(ids(1, 80), true);
    await city.pass(3);
    expect(await city.alerts()).toEqual(['opened platformOutage site']);
    await city.returns(ids(1, 80));
    await city.pass(10);
    expect(await city.alerts()).toEqual(['opened platformOutage site', 'cleared platformOutage site']);
    // Ingest was away for an hour: nobody could be heard.
    city.clock.advance(3_600_000);
    await city.look();
    // So soon after the other it is the same one that comes back.
    expect((await city.alerts()).at(-1)).toBe('reopened platformOutage site');
    await city.hearAgain();
    await city.pass(15);
    expect((await city.alerts()).filter((alert) => alert.includes('communicationFailure'))).toEqual([]);
  });

  it('passes on what devices say is wrong, of themselves and of their lamps, until they say that it is over', async () => {
    await city.says('L-5', 'cabinetDoorOpen', true, undefined, 'door 2');
    await city.says('L-6', 'switchingErrorOn', true, 6);
    await city.says('L-7', 'controlGearCommFailure', true, 7);
    // What is no fault is not passed on, and what was said late does not undo what was said after it.
    await city.says('L-8', 'lightStateChange', true, 8);
    await city.pass(12);
    expect((await city.alerts()).toSorted()).toEqual([
      'opened cabinetDoorOpen device:L-5',
      'opened controlGearCommFailure lamp:7',
      'opened switchingErrorOn lamp:6',
    ]);
    const { rows } = await city.pool.query(`SELECT evidence FROM fault WHERE kind = 'cabinetDoorOpen'`);
    expect(rows).toEqual([{ evidence: 'its controller reports it: door 2' }]);
    await city.says('L-5', 'cabinetDoorOpen', false);
    await city.says('L-6', 'switchingErrorOn', false, 6);
    await city.says('L-7', 'controlGearCommFailure', false, 7);
    await city.pass(30);
    expect(await city.faults()).toEqual([
      'cabinetDoorOpen device:L-5 cleared',
      'switchingErrorOn lamp:6 cleared',
      'controlGearCommFailure lamp:7 cleared',
    ]);
    expect(await city.alerts()).toHaveLength(6);
  });

  it('takes the last of a cabinet’s lamps to come back for a part of it, unless they stay away', async () => {
    await city.falls(ids(21, 40), true);
    await city.pass(10);
    await city.returns(ids(21, 30));
    await city.pass(6);
    // Half of it is back, a circuit is not yet.
    expect(await city.faults()).toContain('circuitOutage circuit:2/C2 open (member)');
    expect(await city.alerts()).toEqual(['opened cabinetOutage cabinet:2', 'cleared cabinetOutage cabinet:2']);
    await city.pass(14);
    expect(await city.alerts()).toContain('opened circuitOutage circuit:2/C2');
    await city.returns(ids(31, 40));
    await city.pass(30);
    expect((await city.alerts()).filter((alert) => alert.startsWith('opened'))).toHaveLength(2);
  });

  it('makes the voltage of many lamps the cabinet’s', async () => {
    for (const id of ids(41, 60)) city.shows(id, { volts: 196 });
    await city.pass(30);
    expect(await city.alerts()).toEqual(['opened supplyVoltageTooLow cabinet:3']);
    expect((await city.faults()).filter((fault) => fault.endsWith('open (member)'))).toHaveLength(20);
    city.shows(7, { volts: 196 });
    await city.pass(10);
    expect((await city.alerts()).at(-1)).toBe('opened supplyVoltageTooLow lamp:7');
  });

  it('does not miss a lamp that is overridden, nor one that is silent by day because its cabinet is switched', async () => {
    await city.pool.query(`
      INSERT INTO level_override (id, site_id, target_kind, cabinet_id, level_percent, fade_s, priority, starts_at, expires_at, created_at)
      VALUES (gen_random_uuid(), 1, 'cabinet', 1, 0, 0, 1, '${new Date(city.clock.nowMs()).toISOString()}', '2026-11-25T20:00:00Z', now())`);
    for (const id of ids(1, 20)) city.shows(id, { level: 0, reason: 'override' });
    await city.pass(15);
    expect(await city.faults()).toEqual([]);
    // A lamp of it burns on, and its controller says why.
    city.shows(4, { level: 100, reason: 'default' });
    await city.pass(10);
    const [fault] = (await city.pool.query('SELECT kind, subject, evidence FROM fault')).rows;
    expect(fault).toMatchObject({
      kind: 'lampUnexpectedOn',
      subject: 'lamp:4',
      evidence: expect.stringMatching(/lost its program/),
    });
    await city.pool.query(`UPDATE cabinet SET supply = 'switched' WHERE id = 3`);
    for (const id of ids(1, 80)) city.shows(id, { level: 0 });
    city.clock.set('2026-11-26T08:00:00Z');
    await city.hearAgain();
    await city.falls(ids(41, 60), false);
    await city.pass(60);
    expect((await city.faults()).filter((each) => /Outage|communication/.test(each) && !each.includes('site'))).toEqual(
      [],
    );
  });

  it('finds the same, and tells it once, when it is killed at any moment', async () => {
    city.shows(3, { level: 0, inEffect: 100, powerW: 0.5 });
    await city.falls(ids(21, 40), true);
    for (let minute = 0; minute < 12; minute += 1) {
      await city.pass(1);
      // A process that dies in mid-look, and another that looks at the same time.
      const broken = new Detector(new Proxy(city.pool, dyingAfter(minute)), city.clock);
      await Promise.allSettled([broken.look(1), city.look()]);
    }
    expect((await city.alerts()).sort()).toEqual(['opened cabinetOutage cabinet:2', 'opened lampFailure lamp:3']);
  });
});

/** A pool whose every query fails after so many: the transaction under way is rolled back. */
function dyingAfter(queries: number): ProxyHandler<WatchedCity['pool']> {
  let left = queries;
  return {
    get: (pool, property) => {
      if (property !== 'query' && property !== 'connect') return Reflect.get(pool, property) as unknown;
      return (...argumentsOf: unknown[]) => {
        left -= 1;
        if (left < 0) return Promise.reject(new Error('killed'));
        return (pool[property] as (...args: unknown[]) => unknown).apply(pool, argumentsOf);
      };
    },
  };
}
