import type { Command } from '#libs/protocol';
import type { ClaimedCommand } from '#libs/storage';

/** One message to a device: commands of one batch and part, which all say the same. */
export interface CommandMessage {
  readonly site: string;
  readonly device: string;
  readonly commandId: string;
  readonly expiresAtMs: number;
  readonly payload: Command;
  readonly commands: readonly ClaimedCommand[];
}

/** The command's id on MQTT: the batch, and the part of it that one message to a device holds. */
export function commandId(batchId: string, part: number): string {
  return `${batchId}.${part}`;
}

/** Takes an id apart; undefined when it is none of ours. */
export function parseCommandId(text: string): { readonly batchId: string; readonly part: number } | undefined {
  const match = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,4})$/.exec(text);
  return match === null ? undefined : { batchId: match[1] as string, part: Number(match[2]) };
}

/** Commands to the lamps of one device become one message each time they say the same. */
export function groupMessages(commands: readonly ClaimedCommand[]): CommandMessage[] {
  const groups = Map.groupBy(commands, ({ batchId, device, part, levelPercent, fadeS, expiresAtMs }) =>
    [batchId, device, part, levelPercent, fadeS, expiresAtMs].join(' '),
  );
  return [...groups.values()].map((group) => {
    const [first] = group as [ClaimedCommand, ...ClaimedCommand[]];
    const id = commandId(first.batchId, first.part);
    return {
      site: first.site,
      device: first.device,
      commandId: id,
      expiresAtMs: first.expiresAtMs,
      commands: group,
      payload: {
        v: 1,
        commandId: id,
        lamps: group.map(({ lamp }) => lamp),
        lightLevelPercent: first.levelPercent,
        fadeS: first.fadeS,
        expiresAt: new Date(first.expiresAtMs).toISOString(),
      },
    };
  });
}
