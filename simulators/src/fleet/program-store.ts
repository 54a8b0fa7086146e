import type { Program } from '#libs/protocol';
import { planUntil, storedPlan, type LevelPlan, type SwitchPoints } from './level-plan.js';
import { readProgram } from './read-program.js';

/** What a device keeps of its programs without power; JSON. */
export interface ProgramSnapshot {
  readonly current?: Program | undefined;
  /** Stored, and not valid yet: until then the current one goes on. */
  readonly upcoming?: Program | undefined;
  /** The last message could not be used, and the server has been told so. */
  readonly isRefusing?: boolean | undefined;
}

/** What became of a message: stored, known already, or refused and why. */
export type ProgramOutcome =
  { readonly kind: 'stored' | 'known' } | { readonly kind: 'refused'; readonly reason: string };

interface StoredProgram {
  readonly program: Program;
  readonly fromMs: number;
  readonly untilMs: number;
  /** By lamp; those of one entry share one plan. */
  readonly plans: ReadonlyMap<string, LevelPlan>;
}

/** The non-volatile memory of a device for its program. All instants are by the device's clock. */
export class ProgramStore {
  private current: StoredProgram | undefined;
  private upcoming: StoredProgram | undefined;
  private refusing: boolean;

  constructor(
    private readonly isMine: (lamp: string) => boolean,
    private readonly defaultPlan: LevelPlan,
    snapshot: ProgramSnapshot = {},
  ) {
    this.current = this.restored(snapshot.current);
    this.upcoming = this.restored(snapshot.upcoming);
    this.refusing = snapshot.isRefusing ?? false;
  }

  /** Whether the last message was refused. */
  get isRefusing(): boolean {
    return this.refusing;
  }

  /** When the last one stored runs out; undefined when there is none. */
  get runsOutAtMs(): number | undefined {
    return this.newest?.untilMs;
  }

  /** Stores a program message, or says why not; what was refused changes nothing. */
  offer(message: unknown, nowMs: number): ProgramOutcome {
    const read = readProgram(message, this.isMine);
    this.refusing = !read.ok;
    if (!read.ok) return { kind: 'refused', reason: read.error };
    if (isSame(read.value, this.newest?.program)) return { kind: 'known' };
    if (this.upcoming !== undefined && this.upcoming.fromMs <= nowMs) this.current = this.upcoming;
    const stored = this.stored(read.value);
    if (stored.fromMs > nowMs) this.upcoming = stored;
    else [this.current, this.upcoming] = [stored, undefined];
    return { kind: 'stored' };
  }

  /** The hash of the last one stored; null when there is none or it has run out. */
  hashAt(ms: number): string | null {
    const { newest } = this;
    return newest !== undefined && ms < newest.untilMs ? newest.program.programHash : null;
  }

  /** What a lamp does, from now to the end of its programs and ever after. */
  planOf(lamp: string): LevelPlan {
    const current = this.current?.plans.get(lamp) ?? this.defaultPlan;
    if (this.upcoming === undefined) return current;
    return planUntil(current, this.upcoming.fromMs, this.upcoming.plans.get(lamp) ?? this.defaultPlan);
  }

  snapshot(): ProgramSnapshot {
    return { current: this.current?.program, upcoming: this.upcoming?.program, isRefusing: this.refusing };
  }

  private get newest(): StoredProgram | undefined {
    return this.upcoming ?? this.current;
  }

  private restored(program: Program | undefined): StoredProgram | undefined {
    if (program === undefined) return undefined;
    const read = readProgram(program, this.isMine);
    return read.ok ? this.stored(read.value) : undefined;
  }

  private stored(program: Program): StoredProgram {
    const [fromMs, untilMs] = [Date.parse(program.validFrom), Date.parse(program.validUntil)];
    const plans = new Map<string, LevelPlan>();
    for (const { lamps, switchPoints } of program.programs) {
      const plan = this.planWithin(switchPoints, fromMs, untilMs);
      for (const lamp of lamps) plans.set(lamp, plan);
    }
    return { program, fromMs, untilMs, plans };
  }

  private planWithin(switchPoints: SwitchPoints, fromMs: number, untilMs: number): LevelPlan {
    const plan = planUntil(storedPlan(switchPoints), untilMs, this.defaultPlan);
    const beginsMs = Math.max(fromMs, (switchPoints[0]?.[0] ?? 0) * 1000);
    // A program that says nothing yet, as after a clock is set back, must not darken a street.
    return planUntil(this.defaultPlan, beginsMs, plan);
  }
}

/** The same again, and not only the same levels with a new validity. */
function isSame(a: Program, b: Program | undefined): boolean {
  return a.programHash === b?.programHash && a.validFrom === b.validFrom && a.validUntil === b.validUntil;
}
