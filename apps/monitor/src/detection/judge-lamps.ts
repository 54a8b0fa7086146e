import {
  advanceFault,
  BLANK_MEMORY,
  detectLamp,
  FAULTS,
  mergedThresholds,
  policyOf,
  type LampFacts,
  type LampMemory,
} from '#libs/faults';
import type { SitePrograms } from '#libs/schedules';
import {
  DEFAULT_REPORTING_INTERVAL_S,
  type FaultChange,
  type LampOverride,
  type LiveFault,
  type WatchedLamp,
} from '#libs/storage';
import { priorityOf } from './priority.js';
import { lastAsked, wantedAt } from './wanted.js';

/** What has become of the lamps of a page. */
export interface JudgedLamps {
  readonly changes: readonly FaultChange[];
  readonly memories: readonly { readonly lampId: number; readonly judgedAtMs: number; readonly memory: LampMemory }[];
}

/** Judges the newest reading of each lamp: what it shows, what that makes of its faults, and what is remembered. Pure. */
export function judgeLamps(
  lamps: readonly WatchedLamp[],
  live: readonly LiveFault[],
  overrides: ReadonlyMap<number, readonly LampOverride[]>,
  programs: SitePrograms,
): JudgedLamps {
  const liveOf = Map.groupBy(live, ({ lampId }) => lampId);
  const judged = lamps.map((lamp) =>
    judgeLamp(lamp, liveOf.get(lamp.lampId) ?? [], overrides.get(lamp.lampId) ?? [], programs),
  );
  return {
    changes: judged.flatMap(({ changes }) => changes),
    memories: judged.map(({ memory }, index) => {
      const { lampId, receivedAtMs } = lamps[index] as WatchedLamp;
      return { lampId, judgedAtMs: receivedAtMs, memory };
    }),
  };
}

function judgeLamp(
  lamp: WatchedLamp,
  live: readonly LiveFault[],
  overrides: readonly LampOverride[],
  programs: SitePrograms,
): { readonly changes: FaultChange[]; readonly memory: LampMemory } {
  const { findings, memory } = detectLamp(factsOf(lamp, overrides, programs));
  const changes = findings.flatMap(({ kind, signal, evidence }): FaultChange[] => {
    const known = live.find((fault) => fault.kind === kind);
    if (known === undefined && signal !== 'active') return [];
    const policy = policyOf(kind, lamp.reportingIntervalS ?? DEFAULT_REPORTING_INTERVAL_S);
    const { state, event } = advanceFault(known?.state, signal, lamp.atMs, policy);
    if (state !== undefined && state === known?.state) return [];
    const { severity } = FAULTS[kind];
    return [
      {
        subject: {
          kind: 'lamp',
          key: `lamp:${lamp.lampId}`,
          lampId: lamp.lampId,
          device: lamp.device,
          cabinetId: lamp.cabinetId,
        },
        ...{ kind, severity, state, event, evidence, lampCount: 1 },
        priority: priorityOf(severity, 1, lamp.roadClass),
        reading: { atMs: lamp.timeMs, messageId: lamp.messageId },
      },
    ];
  });
  return { changes, memory };
}

function factsOf(lamp: WatchedLamp, overrides: readonly LampOverride[], programs: SitePrograms): LampFacts {
  const known = (value: number | null) => value ?? undefined;
  return {
    type: {
      ratedPowerW: lamp.ratedPowerW,
      standbyPowerW: lamp.standbyPowerW,
      minLevelPercent: lamp.minLevelPercent,
      powerCurve: lamp.powerCurve.map(([levelPercent, powerPercent]) => ({ levelPercent, powerPercent })),
    },
    reading: {
      atMs: lamp.atMs,
      lightLevelPercent: known(lamp.lightLevelPercent),
      levelInEffectPercent: known(lamp.levelInEffectPercent),
      levelReason: lamp.levelReason ?? undefined,
      activePowerW: known(lamp.activePowerW),
      supplyVoltageV: known(lamp.supplyVoltageV),
      supplyCurrentA: known(lamp.supplyCurrentA),
      powerFactor: known(lamp.powerFactor),
      temperatureC: known(lamp.temperatureC),
      switchOnCount: known(lamp.switchOnCount),
      events: lamp.events ?? undefined,
    },
    wanted: wantedAt(programs, lamp, overrides),
    lastAsked: lastAsked(lamp.atMs, overrides),
    memory: lamp.memory ?? BLANK_MEMORY,
    thresholds: mergedThresholds(...lamp.thresholds),
  };
}
