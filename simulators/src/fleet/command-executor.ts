import type { Ack, Command } from '#libs/protocol';
import type { LampController } from './simulated-lamp.js';

/** More than a server repeats before it gives up. */
const MAX_REMEMBERED = 256;

/** The answer to a command, and the lamps that carry it out; none when it is repeated. */
export interface CommandOutcome {
  readonly result: Ack['result'];
  readonly reason?: string;
  readonly lamps: readonly LampController[];
}

/** Carries out commands, each once: a repeated one is answered as before, and does not start its fade anew or undo a later one. */
export class CommandExecutor {
  private readonly executed = new Set<string>();

  constructor(private readonly lamps: ReadonlyMap<string, LampController>) {}

  /** `nowMs` is the true instant, `deviceNowMs` what the device's clock shows. */
  obey(command: Command, nowMs: number, deviceNowMs: number): CommandOutcome {
    if (this.executed.has(command.commandId)) return { result: 'executed', lamps: [] };
    const untilMs = Date.parse(command.expiresAt);
    if (Number.isNaN(untilMs)) return refused(`${command.expiresAt}: there is no such day`);
    if (untilMs <= deviceNowMs) return { result: 'expired', lamps: [] };
    const strangers = command.lamps.filter((address) => !this.lamps.has(address));
    if (strangers.length > 0) return refused(`not lamps of this device: ${strangers.slice(0, 5).join(', ')}`);
    this.remember(command.commandId);
    return { result: 'executed', lamps: this.move(command, untilMs, nowMs) };
  }

  /** Its memory does not outlive the supply. */
  forget(): void {
    this.executed.clear();
  }

  private move(command: Command, untilMs: number, nowMs: number): LampController[] {
    const order = { levelPercent: command.lightLevelPercent ?? undefined, fadeS: command.fadeS ?? 0, untilMs };
    const own = [...new Set(command.lamps)].flatMap((address) => this.lamps.get(address) ?? []);
    for (const lamp of own) lamp.command(order, nowMs);
    return own;
  }

  private remember(commandId: string): void {
    this.executed.add(commandId);
    const [oldest] = this.executed;
    if (this.executed.size > MAX_REMEMBERED && oldest !== undefined) this.executed.delete(oldest);
  }
}

function refused(reason: string): CommandOutcome {
  return { result: 'refused', reason, lamps: [] };
}
