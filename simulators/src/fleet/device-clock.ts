import type { Clock } from '#libs/kernel';

/** How wrong a clock is: so much ahead at the moment it is set, and gaining so much from then on. */
export interface ClockSetting {
  readonly offsetMs: number;
  /** Parts per million; 20 are 1.7 s a day. */
  readonly driftPpm: number;
}

/** More is no drift but a broken clock, and a clock must not stand still. */
const MAX_DRIFT_PPM = 100_000;

/** A device's own clock beside the true one. It shows whole milliseconds. */
export class DeviceClock implements Clock {
  private offsetMs = 0;
  private rate = 0;
  private sinceMs: number;

  constructor(
    private readonly trueClock: Clock,
    setting: ClockSetting = { offsetMs: 0, driftPpm: 0 },
  ) {
    this.sinceMs = trueClock.nowMs();
    this.set(setting, this.sinceMs);
  }

  get speed(): number {
    return this.trueClock.speed;
  }

  get driftPpm(): number {
    return this.rate * 1e6;
  }

  /** What it shows now. */
  nowMs(): number {
    return this.at(this.trueClock.nowMs());
  }

  /** The true instant. */
  trueNowMs(): number {
    return this.trueClock.nowMs();
  }

  /** What it shows at a true instant. */
  at(trueMs: number): number {
    return Math.floor(trueMs + this.offsetMs + (trueMs - this.sinceMs) * this.rate);
  }

  /** The first true millisecond at which it shows an instant or a later one. */
  trueMsOf(shownMs: number): number {
    let ms = Math.ceil(this.sinceMs + (shownMs - this.offsetMs - this.sinceMs) / (1 + this.rate));
    while (this.at(ms) < shownMs) ms += 1;
    while (this.at(ms - 1) >= shownMs) ms -= 1;
    return ms;
  }

  set({ offsetMs, driftPpm }: ClockSetting, trueMs: number): void {
    if (!Number.isFinite(offsetMs) || !(Math.abs(driftPpm) <= MAX_DRIFT_PPM)) {
      throw new RangeError(`Not a clock: ${offsetMs} ms off, drifting ${driftPpm} ppm (at most ${MAX_DRIFT_PPM})`);
    }
    this.offsetMs = offsetMs;
    this.rate = driftPpm / 1e6;
    this.sinceMs = trueMs;
  }
}
