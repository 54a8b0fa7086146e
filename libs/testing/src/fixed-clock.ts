import type { Clock } from '#libs/kernel';

/** A clock that stands still until it is set. */
export class FixedClock implements Clock {
  readonly speed = 1;

  constructor(private ms: number) {}

  static at(iso: string): FixedClock {
    return new FixedClock(Date.parse(iso));
  }

  nowMs(): number {
    return this.ms;
  }

  set(iso: string): void {
    this.ms = Date.parse(iso);
  }

  advance(ms: number): void {
    this.ms += ms;
  }
}
