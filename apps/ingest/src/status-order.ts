import type { SendWindow } from './clock-judge.js';

interface Placed {
  readonly atMs: number;
  readonly online: boolean;
}

/** More devices than this are forgotten from the oldest on; some 20 MB. */
const MAX_DEVICES = 200_000;

/**
 * Gives every status its place in the history of its device, such that processes that each take all statuses of a device, in their order but
 * not at the same time, give the same status about the same place: what one has stored of the present, another that is behind does not
 * overwrite with the past. A status is placed by its own time (when the device came online; a last will has that of its connection), as far as
 * it can have been sent then; and never before what this process has seen of the device, since its clock may have been set back.
 */
export class StatusOrder {
  private readonly last = new Map<string, Placed>();

  /** ms since the epoch. To be called once for each status, in the order in which they come. */
  place(
    device: string,
    online: boolean,
    ownMs: number | undefined,
    retained: boolean,
    { earliestMs, latestMs }: SendWindow,
  ): number {
    // What is retained may be of any age: it comes with a new subscription.
    const earliest = retained ? Number.NEGATIVE_INFINITY : earliestMs;
    const wanted = Math.min(latestMs, Math.max(earliest, ownMs ?? latestMs));
    const before = this.last.get(device);
    // Of two at one instant "offline" is the later one (writeDeviceStatuses), so that coming back needs an instant of its own.
    const floor = before === undefined ? wanted : before.atMs + (online && !before.online ? 1 : 0);
    const atMs = Math.max(wanted, floor);
    this.remember(device, { atMs, online });
    return atMs;
  }

  private remember(device: string, placed: Placed): void {
    this.last.delete(device);
    if (this.last.size >= MAX_DEVICES) {
      const oldest = this.last.keys().next();
      if (oldest.done !== true) this.last.delete(oldest.value);
    }
    this.last.set(device, placed);
  }
}
