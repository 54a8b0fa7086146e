import type { Clock } from '#libs/kernel';

/**
 * A clock that goes on only when it is told to: a simulated city is as fast as the machine can work it off, and what is found in it does
 * not depend on how busy the machine is.
 */
export class SteppedClock implements Clock {
  /** What waits for wall time waits for this much of the city's: Felinar's own five seconds are one step of a minute. */
  readonly speed = 12;

  constructor(private ms: number) {}

  nowMs(): number {
    return this.ms;
  }

  advance(ms: number): void {
    this.ms += ms;
  }
}
