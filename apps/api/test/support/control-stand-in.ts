import {
  claimDueCommands,
  inTransaction,
  markConfirmed,
  markSent,
  planOverrideCommands,
  writeAnswer,
  type ClaimedCommand,
} from '#libs/storage';
import type { ApiUnderTest } from './api-under-test.js';

/** Does in the database what control does, without a broker. */
export class ControlStandIn {
  constructor(
    private readonly api: ApiUnderTest,
    private readonly siteId = 1,
  ) {}

  /** Looks at what begins, ends and joins. */
  plan() {
    const settings = { nowMs: this.api.nowMs, cabinetLampsPerS: 1000 };
    return inTransaction(this.api.pool, (client) => planOverrideCommands(client, this.siteId, settings));
  }

  /** Sends what is due within a minute. */
  async send(): Promise<ClaimedCommand[]> {
    const atMs = this.api.nowMs + 60_000;
    const claimed = await claimDueCommands(this.api.pool, atMs, 1000, 10_000);
    const sent = claimed.map(({ id }) => ({ id, dueMs: atMs + 3_600_000 }));
    await markSent(this.api.pool, sent, this.api.nowMs, this.api.nowMs);
    return claimed;
  }

  /** The devices of commands answer. */
  async answer(commands: readonly ClaimedCommand[], result: 'executed' | 'refused' = 'executed'): Promise<void> {
    for (const { site, device, batchId, part, lamp } of commands) {
      const answer = { site, device, batchId, part, result, lamps: [lamp], reason: 'hot', marginMs: 0 };
      await inTransaction(this.api.pool, (client) =>
        writeAnswer(client, { ...answer, deviceTimeMs: this.api.nowMs }, this.api.nowMs),
      );
    }
  }

  /** Everything that is open is obeyed and shows. */
  async deliver(): Promise<void> {
    const commands = await this.send();
    await this.answer(commands);
    const ids = commands.map(({ id }) => id);
    await markConfirmed(this.api.pool, ids, this.api.nowMs);
  }

  /** Levels that the lamps have been told last, by lamp; null for released. */
  async told(): Promise<Record<string, number | null>> {
    const rows = (await this.api.database.query(
      `SELECT lamp.address, level_percent FROM lamp_commanded JOIN lamp ON lamp.id = lamp_id ORDER BY 1`,
    )) as { address: string; level_percent: number | null }[];
    return Object.fromEntries(rows.map(({ address, level_percent }) => [address, level_percent]));
  }
}
