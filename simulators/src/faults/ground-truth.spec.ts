import { describe, expect, it } from '@jest/globals';
import { generateCity } from '../city/generate-city.js';
import type { FaultInjection, FaultParameters, FaultTarget, InjectionKind } from './fault-injection.js';
import { begunBy, trueFaultsOf } from './ground-truth.js';
import { circuitAddressOf, isItsOwnDevice, lampTarget } from './reach.js';

const city = generateCity({ seed: 3, lamps: 200 });
const [lamp] = city.lamps;
if (lamp === undefined) throw new Error('a city without lamps');
const cabinet: FaultTarget = { kind: 'cabinet', address: lamp.cabinet };
const gateway: FaultTarget = {
  kind: 'device',
  address: city.lamps.find((each) => !isItsOwnDevice(each))?.device ?? '',
};
const of = (kind: InjectionKind, target: FaultTarget, parameters: FaultParameters = {}): FaultInjection => {
  return { kind, target, fromMs: 1000, toMs: 2000, parameters };
};
const lampsWhere = (holds: (each: (typeof city.lamps)[number]) => boolean) =>
  city.lamps.filter(holds).map(({ address }) => address);

describe('the truth of faults', () => {
  it('calls a lost cabinet one outage of it', () => {
    expect(trueFaultsOf([of('cabinetOutage', cabinet)], city)).toEqual([
      {
        kind: 'cabinetOutage',
        subject: cabinet,
        fromMs: 1000,
        toMs: 2000,
        lamps: lampsWhere((each) => each.cabinet === lamp.cabinet),
        injected: 'cabinetOutage',
      },
    ]);
  });

  it('calls a lost circuit one outage of it', () => {
    const target: FaultTarget = { kind: 'circuit', address: circuitAddressOf(lamp) };
    expect(trueFaultsOf([of('circuitOutage', target)], city)).toMatchObject([
      {
        kind: 'circuitOutage',
        subject: target,
        lamps: lampsWhere((each) => each.cabinet === lamp.cabinet && each.circuit === lamp.circuit),
      },
    ]);
  });

  it('calls the sag of a cabinet one low voltage of it, and that of a lamp one of the lamp', () => {
    const [ofCabinet, ofLamp, ...others] = trueFaultsOf(
      [of('supplyVoltageTooLow', cabinet), of('supplyVoltageTooHigh', lampTarget(lamp))],
      city,
    );
    expect(ofCabinet).toMatchObject({ kind: 'supplyVoltageTooLow', subject: cabinet });
    expect(ofLamp).toMatchObject({ kind: 'supplyVoltageTooHigh', subject: lampTarget(lamp), lamps: [lamp.address] });
    expect(others).toEqual([]);
  });

  it.each(['communicationFailure', 'flappingRadio'] as const)(
    'calls %s of a gateway its communication failure',
    (kind) => {
      expect(trueFaultsOf([of(kind, gateway)], city)).toMatchObject([
        {
          kind: 'communicationFailure',
          subject: gateway,
          lamps: lampsWhere(({ device }) => device === gateway.address),
        },
      ]);
    },
  );

  it('calls a wrong meter by what it makes of the power', () => {
    const kinds = [1.4, 0.6].map(
      (factor) => trueFaultsOf([of('wrongPower', lampTarget(lamp), { factor })], city)[0]?.kind,
    );
    expect(kinds).toEqual(['lampPowerTooHigh', 'lampPowerTooLow']);
  });

  it('has a fault of each lamp of a cabinet whose controller shows it', () => {
    const poor = city.lamps.find(({ omits }) => omits.includes('supplyCurrentA'));
    const target: FaultTarget = { kind: 'cabinet', address: poor?.cabinet ?? '' };
    const shown = trueFaultsOf([of('currentTooHigh', target)], city).map(({ subject }) => subject.address);
    expect(shown).toEqual(
      lampsWhere((each) => each.cabinet === poor?.cabinet && !each.omits.includes('supplyCurrentA')),
    );
    expect(shown).not.toContain(poor?.address);
  });

  it('does not know the future', () => {
    const faults = trueFaultsOf([of('lampFailure', lampTarget(lamp))], city);
    expect(begunBy(faults, 999)).toEqual([]);
    expect(begunBy(faults, 1999)).toMatchObject([{ fromMs: 1000, toMs: undefined }]);
    expect(begunBy(faults, 2000)).toMatchObject([{ fromMs: 1000, toMs: 2000 }]);
  });
});
