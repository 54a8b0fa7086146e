import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from '#libs/storage';
import type { City, Fleet, FaultInjection, OngoingFault, Random, SimulatedLamp } from '#simulators';
import { shuffled } from './moments.js';

/** Shows in the readings of a lit lamp within seconds. */
const LAMP_KINDS = [
  'lampFailure',
  'dimmingFailure',
  'leakageDetected',
  'controlGearCommFailure',
  'currentTooHigh',
] as const satisfies readonly FaultInjection['kind'][];
const LOOK_EVERY_MS = 1_000;
/** Between two breakages, ms. */
const PAUSE_MS = [2_000, 8_000] as const;
/** Once found, half of them are mended after this, ms. */
const MENDED_AFTER_MS = [3_000, 15_000] as const;
/** Of the lamps that may break, so many do at the most. */
const SHARE = 0.4;

/** Something true that the monitor has to find. */
export interface Breakage {
  readonly kind: FaultInjection['kind'];
  /** `lamp BT-0001`, `device GW-1`, as FOUND_FAULTS has it. */
  readonly subject: string;
  readonly fromMs: number;
  /** When its fault was seen to be open. */
  foundMs: number | undefined;
  mendedMs: number | undefined;
}

/** Faults as people know them, with what was told of them. */
export const FOUND_FAULTS = `
  SELECT fault.id::text AS id, kind, fault.phase, fault.parent_id IS NOT NULL AS "isMember",
    (extract(epoch FROM opened_at) * 1000)::float8 AS "openedMs",
    CASE subject_kind WHEN 'lamp' THEN 'lamp ' || lamp.address WHEN 'device' THEN 'device ' || fault.device
      WHEN 'circuit' THEN 'circuit ' || cabinet.address || '/' || fault.circuit WHEN 'cabinet' THEN 'cabinet ' || cabinet.address ELSE 'site' END AS subject,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('event', event, 'atMs', extract(epoch FROM alert.created_at) * 1000) ORDER BY alert.id), '[]')
      FROM alert WHERE alert.fault_id = fault.id AND event <> 'escalated') AS told
  FROM fault LEFT JOIN lamp ON lamp.id = fault.lamp_id LEFT JOIN cabinet ON cabinet.id = fault.cabinet_id
  WHERE fault.opened_at IS NOT NULL ORDER BY fault.id`;

export interface FoundFault {
  readonly id: string;
  readonly kind: string;
  readonly phase: string;
  readonly isMember: boolean;
  readonly openedMs: number;
  readonly subject: string;
  readonly told: readonly { readonly event: string; readonly atMs: number }[];
}

/** Breaks lamps and devices, each once, and mends some of them when they have been found. */
export class Breakages {
  readonly all: Breakage[] = [];
  private readonly ongoing = new Map<Breakage, OngoingFault>();
  private readonly free: SimulatedLamp[];
  private readonly most: number;
  private isWanted = true;
  private readonly mendings: Promise<void>[] = [];

  /** `rough`: cabinets in which things may break. */
  constructor(
    private readonly fleet: Fleet,
    private readonly pool: Pool,
    city: City,
    rough: ReadonlySet<string>,
    private readonly random: Random,
  ) {
    // Poorer controllers do not send what shows some of the faults.
    const fit = city.lamps.filter(({ cabinet, omits }) => rough.has(cabinet) && omits.length === 0);
    this.free = shuffled(fit, random);
    this.most = SHARE * this.free.length;
  }

  /** Devices of which something is, was or may be broken. */
  get devices(): ReadonlySet<string> {
    return new Set(this.allLamps.map(({ device }) => device));
  }

  private readonly allLamps: SimulatedLamp[] = [];

  /** One device falls silent at the start, then lamps break one after the other, until `stop`. */
  async run(): Promise<void> {
    this.silenceDevice();
    while (this.isWanted && this.all.length < this.most) {
      this.breakLamp(this.random.pick(LAMP_KINDS));
      await delay(this.random.between(...PAUSE_MS));
    }
  }

  stop(): void {
    this.isWanted = false;
  }

  /** Breaks a lamp now. */
  breakLamp(kind: (typeof LAMP_KINDS)[number]): void {
    const lamp = this.free.pop();
    if (lamp === undefined) return;
    this.allLamps.push(lamp);
    this.inject({ kind, target: { kind: 'lamp', address: lamp.address } });
  }

  /** Looks which have been found; says how many have not. */
  async look(): Promise<number> {
    const { rows } = await this.pool.query<FoundFault>(FOUND_FAULTS);
    const open = new Set(rows.filter(({ phase }) => phase === 'open').map(({ kind, subject }) => `${kind} ${subject}`));
    for (const breakage of this.all) {
      if (breakage.foundMs !== undefined || !open.has(`${breakage.kind} ${breakage.subject}`)) continue;
      breakage.foundMs = Date.now();
      if (this.isWanted && this.random.next() < 0.5) this.mendings.push(this.mendLater(breakage));
    }
    return this.all.filter(({ foundMs }) => foundMs === undefined).length;
  }

  /** Looks again and again, until `stop`. */
  async watch(): Promise<void> {
    while (this.isWanted) {
      // The database may be away.
      await this.look().catch(() => undefined);
      await delay(LOOK_EVERY_MS);
    }
    await Promise.all(this.mendings);
  }

  /** Everything is put right. */
  mendAll(): void {
    for (const breakage of this.all) this.mend(breakage);
  }

  /** A controller with a lamp of its own: the silence of a gateway is mended no sooner, and takes many lamps with it. */
  private silenceDevice(): void {
    const index = this.free.findIndex(({ device, address }) => device === address);
    const [lamp] = index < 0 ? [] : this.free.splice(index, 1);
    if (lamp === undefined) return;
    this.allLamps.push(lamp);
    this.inject({ kind: 'communicationFailure', target: { kind: 'device', address: lamp.device } });
  }

  private inject(fault: Omit<FaultInjection, 'fromMs' | 'toMs'>): void {
    const breakage: Breakage = {
      kind: fault.kind,
      subject: `${fault.target.kind} ${fault.target.address}`,
      fromMs: Date.now(),
      foundMs: undefined,
      mendedMs: undefined,
    };
    this.all.push(breakage);
    this.ongoing.set(breakage, this.fleet.inject(fault));
  }

  private async mendLater(breakage: Breakage): Promise<void> {
    await delay(this.random.between(...MENDED_AFTER_MS));
    this.mend(breakage);
  }

  private mend(breakage: Breakage): void {
    breakage.mendedMs ??= Date.now();
    this.ongoing.get(breakage)?.mend();
    this.ongoing.delete(breakage);
  }
}
