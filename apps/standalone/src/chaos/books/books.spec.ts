import { describe, expect, it } from '@jest/globals';
import type { DeviceLevels } from '#simulators';
import type { Breakage, FoundFault } from '../breakages.js';
import { reportOf } from '../report.js';
import { compareFaults, compareMessages, type StoredDelivery } from './alerts-book.js';
import type { BookLine } from './book-line.js';
import { compareCommands, compareLevels, type StoredCommand, type WantedLevel } from './commands-book.js';
import { compareEnergy } from './energy-book.js';
import { processesBook } from './processes-book.js';
import { compareReadings } from './readings-book.js';

/** What is wrong, by its line. */
const wrong = (lines: readonly BookLine[]) => lines.filter(({ balances }) => !balances).map(({ what }) => what);

describe('the book of readings', () => {
  const fleet = { made: new Map([['L1', [1, 2, 3]]]), acknowledged: new Map([['L1', [1, 2, 3]]]) };
  const none = { dropped: 0, rejected: [] };

  it('balances when all that was acknowledged is stored, and when only the acknowledgement got lost', () => {
    expect(wrong(compareReadings(fleet, new Map([['L1', [3, 2, 1]]]), none))).toEqual([]);
    const unheard = { ...fleet, acknowledged: new Map([['L1', [1, 2]]]) };
    expect(wrong(compareReadings(unheard, new Map([['L1', [1, 2, 3]]]), { ...none, dropped: 1 }))).toEqual([]);
  });

  it('finds what was lost, invented, rejected, and what nobody accounts for', () => {
    expect(wrong(compareReadings(fleet, new Map([['L1', [1, 3]]]), none))).toEqual([
      'acknowledged to the fleet, and stored',
    ]);
    expect(wrong(compareReadings(fleet, new Map([...fleet.made, ['L2', [1]]]), none))).toEqual([
      'stored, and never made',
    ]);
    const rejected = [{ reason: 'clockOff', count: 2 }];
    expect(wrong(compareReadings(fleet, fleet.made, { dropped: 0, rejected }))).toEqual(['rejected']);
    const unheard = { ...fleet, acknowledged: new Map([['L1', [1, 2]]]) };
    expect(wrong(compareReadings(unheard, new Map([['L1', [1, 2]]]), none))).toEqual([
      'made, and acknowledged or dropped by the fleet itself',
    ]);
  });
});

describe('the book of commands', () => {
  const command: StoredCommand = {
    ...{ commandId: 'B.0', device: 'D', state: 'confirmed', isFinished: true, isAcknowledged: true, expiresAtMs: 10 },
  };
  const executed = { device: 'D', commandId: 'B.0', atMs: 5, deviceMs: 5, expiresAtMs: 10 };
  const sound = { executed: [executed], wrongClocks: new Set<string>() };

  it('balances', () => {
    expect(wrong(compareCommands([command], sound, ['O'], ['O']))).toEqual([]);
    const late = { ...sound, executed: [{ ...executed, atMs: 11 }] };
    expect(wrong(compareCommands([command], { ...late, wrongClocks: new Set(['D']) }, ['O'], ['O']))).toEqual([]);
  });

  it.each<[string, StoredCommand[], typeof sound, string[], string[]]>([
    ['made, and in a final state', [{ ...command, state: 'sent' }], sound, ['O'], ['O']],
    ['made, and in a final state', [{ ...command, isFinished: false }], sound, ['O'], ['O']],
    ['overrides granted by the API, and stored', [command], sound, ['O'], ['O', 'TWICE']],
    ['overrides granted by the API, and stored', [command], sound, ['O', 'LOST'], ['O']],
    ['carried out, and not known to the database', [{ ...command, isAcknowledged: false, device: 'X' }], sound, [], []],
    ['acknowledged, and never carried out', [command], { ...sound, executed: [] }, [], []],
    [
      'carried out after their end, by devices whose clock was right',
      [command],
      { ...sound, executed: [{ ...executed, atMs: 11 }] },
      [],
      [],
    ],
  ])('finds: %s', (what, commands, ledger, wished, stored) => {
    expect(wrong(compareCommands(commands, ledger, wished, stored))).toEqual([what]);
  });

  it('finds what lamps do against what they shall and are known for', () => {
    const level = (reason: string, percent: number) =>
      ({ lamp: 'L', device: 'D', levelInEffectPercent: percent, reason, physicalPercent: percent }) as DeviceLevels;
    const shall = (reason: string, levelPercent: number, known = levelPercent): WantedLevel => ({
      ...{ lamp: 'L', commanded: { levelPercent, reason }, inEffect: { levelPercent: known, reason } },
    });
    const compared = (does: DeviceLevels, wanted: WantedLevel, serverDriven: string[] = []) =>
      wrong(compareLevels([does], [wanted], new Set(serverDriven)));
    const differs = 'lamps that do what they shall, and are known for it';
    expect(compared(level('override', 60), shall('override', 60))).toEqual([]);
    expect(compared(level('override', 60), shall('calendar', 60), ['L'])).toEqual([]);
    expect(compared(level('override', 60), shall('override', 60, 100))).toEqual([differs]);
    expect(compared(level('override', 60), shall('calendar', 60))).toEqual([differs, 'overrides held that have ended']);
    expect(compared(level('calendar', 60), shall('override', 60))).toEqual([
      differs,
      'lamps that shall hold an override, and hold one',
    ]);
  });
});

describe('the book of faults and alerts', () => {
  const breakage: Breakage = { kind: 'lampFailure', subject: 'lamp L', fromMs: 10, foundMs: 20, mendedMs: 30 };
  const told = (...events: string[]) => events.map((event) => ({ event, atMs: 20 }));
  const fault = (events: string[], parts: Partial<FoundFault> = {}): FoundFault => ({
    ...{ id: '1', kind: 'lampFailure', phase: 'cleared', isMember: false, openedMs: 20, subject: 'lamp L' },
    ...{ told: told(...events), ...parts },
  });

  it('balances, and finds what is missed, told twice or never, and invented', () => {
    const compared = (faults: FoundFault[], of = breakage) => wrong(compareFaults([of], faults, new Set(['lamp C'])));
    expect(compared([fault(['opened', 'cleared'])])).toEqual([]);
    expect(compared([fault(['opened'])], { ...breakage, mendedMs: undefined })).toEqual([]);
    const once = 'true faults, and told as open exactly once';
    expect(compared([], { ...breakage, foundMs: undefined, mendedMs: undefined })).toEqual([
      'true faults, and found',
      once,
    ]);
    expect(compared([fault(['opened', 'cleared', 'reopened'])])).toEqual([once]);
    expect(compared([fault(['opened'])])).toEqual(['lamps mended, and told as cleared exactly once']);
    const also = (subject: string) => [fault(['opened', 'cleared']), fault([], { subject })];
    expect(compared(also('lamp SOUND'))).toEqual(['faults of lamps that nobody has broken']);
    expect(compared(also('lamp C'))).toEqual([]);
  });

  it('balances messages, and tells what may come again from what may not', () => {
    const deliveries: StoredDelivery[] = [
      { id: 'm', channel: 'email', state: 'delivered', alertId: '1' },
      { id: 'w', channel: 'webhook', state: 'delivered', alertId: '1' },
    ];
    const [email, webhook] = [[{ deliveryId: 'm', atMs: 1 }], [{ deliveryId: 'w', atMs: 1 }]];
    const sound = { email, webhook, unfit: 0, monitorKilledMs: [3] };
    const compared = (parts: Partial<typeof sound>, of = deliveries) =>
      wrong(compareMessages(of, { ...sound, ...parts }));
    expect(compared({})).toEqual([]);
    expect(compared({ email: [...email, { deliveryId: 'm', atMs: 5 }] })).toEqual([]);
    expect(compared({ email: [...email, { deliveryId: 'm', atMs: 2 }] })).toEqual([
      'messages that came again, and monitor was killed between its sending and its note',
    ]);
    expect(compared({ webhook: [] })).toEqual(['messages by webhook, and taken by the receiver']);
    expect(compared({ webhook: [...webhook, { deliveryId: 'x', atMs: 1 }] })).toEqual([
      'messages taken by webhook that are no delivery',
    ]);
    expect(compared({ webhook: [] }, deliveries.slice(0, 1))).toEqual([
      'alerts that did not go to both channels, once each',
    ]);
    expect(compared({ unfit: 1 })).toEqual(['messages without a name or a right signature']);
  });
});

describe('the book of energy', () => {
  const truth = (lamp: string, trueEnergyWh: number) => ({
    ...{ lamp, trueEnergyWh, acknowledged: 2 },
    ...{ first: { timeMs: 0, registerWh: 0 }, last: { timeMs: 1, registerWh: trueEnergyWh } },
  });

  it('allows for rounding and a thousandth, and leaves out who was put back', () => {
    const compared = (booked: number) => wrong(compareEnergy([truth('L', 100)], new Map([['L', booked]]), new Set()));
    expect(compared(100.11)).toEqual([]);
    expect(compared(100.2)).toEqual(['lamps, and those whose energy is right', 'drawn, and booked, Wh']);
    expect(wrong(compareEnergy([truth('L', 100)], new Map([['L', 300]]), new Set(['L'])))).toEqual([]);
    expect(wrong(compareEnergy([truth('L', 100)], new Map(), new Set()))).toHaveLength(2);
  });
});

describe('the book of processes, and the report', () => {
  const role = { name: 'api' as const, kills: 1, unhandled: [], endedItself: [] };

  it('finds who is not back, fell over, or left a rejection unhandled', () => {
    expect(wrong(processesBook([role], []))).toEqual([]);
    expect(wrong(processesBook([role], ['api']))).toEqual(['processes, and those that are ready']);
    expect(wrong(processesBook([{ ...role, unhandled: ['x'] }], []))).toEqual(['rejections that nobody handled']);
    expect(wrong(processesBook([{ ...role, endedItself: ['x'] }], []))).toEqual(['processes that ended by themselves']);
  });

  it('has a row for each kind, and balances when all books do and every moment was got over', () => {
    const head = { seed: 1, lamps: 1, seconds: 1 };
    const moment = (recoveryMs: number | undefined) => ({ kind: 'killApi' as const, atS: 1, what: '', recoveryMs });
    const report = reportOf(head, [moment(900), moment(1_200), moment(4_000)], processesBook([role], []));
    expect(report.kinds).toEqual([{ kind: 'killApi', moments: 3, medianS: 1.2, worstS: 4, violations: 0 }]);
    expect(report.balances).toBe(true);
    expect(reportOf(head, [moment(undefined)], []).balances).toBe(false);
    expect(reportOf(head, [], processesBook([role], ['api'])).balances).toBe(false);
  });
});
