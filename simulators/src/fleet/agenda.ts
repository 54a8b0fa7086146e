import { ReportQueue } from './report-queue.js';
import type { SimulatedDevice } from './simulated-device.js';

/** Which device has something to do next. What a device has put off or brought forward leaves an entry behind that is passed over. */
export class Agenda {
  private readonly queue = new ReportQueue<SimulatedDevice>();
  private readonly entered = new Map<SimulatedDevice, number>();

  get nextMs(): number | undefined {
    return this.queue.nextMs;
  }

  /** Enters what a device has to do next, unless it stands there as early as that. */
  enter(device: SimulatedDevice): void {
    const atMs = device.nextActionMs;
    if (!Number.isFinite(atMs) || (this.entered.get(device) ?? Number.POSITIVE_INFINITY) <= atMs) return;
    this.entered.set(device, atMs);
    this.queue.push(atMs, device);
  }

  /** Lets the device whose turn it is do what is due; returns how many readings it made. */
  runNext(): number {
    const atMs = this.queue.nextMs;
    const device = this.queue.pop();
    if (this.entered.get(device) !== atMs || atMs === undefined) return 0;
    this.entered.delete(device);
    const before = device.generated;
    device.actUntil(atMs);
    this.enter(device);
    return device.generated - before;
  }
}
