import { setTimeout as delay } from 'node:timers/promises';
import type { City, Random } from '#simulators';
import type { PatientApi } from './patient-api.js';

/** An override that the API has accepted. */
export interface Wish {
  readonly id: string;
  readonly expiresAtMs: number;
  /** It is to hold beyond the end of the run. */
  readonly isHeld: boolean;
  isReleased: boolean;
}

/** Between two wishes, ms. */
const PAUSE_MS = [300, 1_500] as const;
const HELD_FOR_MS = 20 * 3_600_000;
/** As long as a wish that ends within the run holds, ms. */
const SHORT_MS = [4_000, 30_000] as const;
const STARTS_WITHIN_MS = 5_000;
/** The program is changed so often, in wishes. */
const PROGRAM_SHARE = 0.06;
const RELEASE_SHARE = 0.15;
const HELD_SHARE = 0.1;

/** Engineers at work: overrides of all sorts, releases, and now and then another program. Nothing that they ask for may be done twice. */
export class Wishes {
  readonly granted: Wish[] = [];
  programs = 0;
  private asked = 0;
  private isWanted = true;

  /** `calm`: cabinets in which nothing breaks, where an override can hold to the end. */
  constructor(
    private readonly api: PatientApi,
    private readonly city: City,
    private readonly calm: readonly string[],
    private readonly random: Random,
  ) {}

  /** Until `stop`. */
  async run(): Promise<void> {
    for (const address of this.calm.slice(0, 2)) await this.wish({ kind: 'cabinet', address }, HELD_FOR_MS);
    while (this.isWanted) {
      await this.next();
      await delay(this.random.between(...PAUSE_MS));
    }
  }

  stop(): void {
    this.isWanted = false;
  }

  private async next(): Promise<void> {
    const { random } = this;
    const lot = random.next();
    if (lot < PROGRAM_SHARE) return this.changeProgram();
    if (lot < PROGRAM_SHARE + RELEASE_SHARE) return this.release();
    if (lot < PROGRAM_SHARE + RELEASE_SHARE + HELD_SHARE) {
      return this.wish({ kind: 'cabinet', address: random.pick(this.calm) }, HELD_FOR_MS);
    }
    return this.wish(this.anyTarget(), random.between(...SHORT_MS));
  }

  private anyTarget(): object {
    const { random, city } = this;
    if (random.next() < 0.5) return { kind: 'cabinet', address: random.pick(city.cabinets).address };
    const lamps = Array.from({ length: random.integer(1, 20) }, () => random.pick(city.lamps).address);
    return { kind: 'lamps', addresses: [...new Set(lamps)] };
  }

  private async wish(target: object, forMs: number): Promise<void> {
    const { random } = this;
    const startsMs = Date.now() + (random.next() < 0.2 ? random.integer(1, STARTS_WITHIN_MS) : 0);
    const expiresAtMs = Math.round(startsMs + forMs);
    const body = {
      target,
      // Whole tens: what drivers can hold, and far from where a broken one is stuck.
      levelPercent: 10 * random.integer(4, 10),
      fadeS: random.integer(0, 2),
      priority: random.next() < 0.1 ? 'emergency' : 'manual',
      startsAt: new Date(startsMs).toISOString(),
      expiresAt: new Date(expiresAtMs).toISOString(),
      reason: 'chaos',
    };
    try {
      const { id } = await this.api.post<{ id: string }>(this.path(), body, this.key());
      this.granted.push({ id, expiresAtMs, isHeld: forMs === HELD_FOR_MS, isReleased: false });
    } catch (error) {
      // When nobody could be reached until it was over, it is refused for that, and that is right.
      if (!isOver(error)) throw error;
    }
  }

  private async release(): Promise<void> {
    const live = this.granted.filter(({ isReleased, expiresAtMs }) => !isReleased && expiresAtMs > Date.now() + 1_000);
    if (live.length === 0) return;
    const wish = this.random.pick(live);
    try {
      await this.api.post(`${this.path()}/${wish.id}/release`, undefined, this.key());
      wish.isReleased = true;
    } catch (error) {
      if (!isOver(error)) throw error;
    }
  }

  /** What the lamps show without an override. */
  private async changeProgram(): Promise<void> {
    const { address } = this.city.site;
    const levelPercent = 10 * this.random.integer(5, 10);
    const switchPoints = [{ at: { anchor: { kind: 'sunset' }, offsetMinutes: 5 }, levelPercent, fadeS: 1 }];
    await this.api.patch(`/sites/${address}/programs/EVENING`, { switchPoints, comment: 'chaos' });
    this.programs += 1;
  }

  private path(): string {
    return `/sites/${this.city.site.address}/overrides`;
  }

  private key(): string {
    this.asked += 1;
    return `chaos-${this.asked}`;
  }
}

/** Refused because its time has passed. */
function isOver(error: unknown): boolean {
  return error instanceof Error && /refused \((409|422)\)/.test(error.message);
}
