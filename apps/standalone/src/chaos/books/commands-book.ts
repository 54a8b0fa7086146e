import { COMMAND_STATES, isFinal, type CommandState } from '#libs/commands';
import type { Pool } from '#libs/storage';
import type { DeviceLevels, ExecutedCommand } from '#simulators';
import type { Ledger } from '../ledger.js';
import type { Wish } from '../wishes.js';
import { line, none, type BookLine } from './book-line.js';

/** A command to one lamp, as the database has it. */
export interface StoredCommand {
  readonly commandId: string;
  readonly device: string;
  readonly state: CommandState;
  readonly isFinished: boolean;
  readonly isAcknowledged: boolean;
  readonly expiresAtMs: number;
}

/** What a lamp shall do, as the API says. */
export interface WantedLevel {
  readonly lamp: string;
  readonly commanded: { readonly levelPercent: number | null; readonly reason: string };
  readonly inEffect: { readonly levelPercent: number | null; readonly reason: string | null } | null;
}

const COMMANDS = `
  SELECT batch_id || '.' || part AS "commandId", device, state, finished_at IS NOT NULL AS "isFinished",
    acknowledged_at IS NOT NULL AS "isAcknowledged", (extract(epoch FROM expires_at) * 1000)::float8 AS "expiresAtMs"
  FROM lamp_command ORDER BY id`;

/** What was asked for was carried out once, in time or not at all, and its end is known. */
export async function commandsBook(ledger: Ledger, wishes: readonly Wish[], pool: Pool): Promise<BookLine[]> {
  const commands = await pool.query<StoredCommand>(COMMANDS);
  const overrides = await pool.query<{ id: string }>('SELECT id FROM level_override');
  return compareCommands(
    commands.rows,
    ledger,
    wishes.map(({ id }) => id),
    overrides.rows.map(({ id }) => id),
  );
}

/** Pure. */
export function compareCommands(
  commands: readonly StoredCommand[],
  { executed, wrongClocks }: Pick<Ledger, 'executed' | 'wrongClocks'>,
  wished: readonly string[],
  stored: readonly string[],
): BookLine[] {
  const unfinished = commands.filter(({ state, isFinished }) => !isFinal(state) || !isFinished);
  const known = new Set(commands.map(({ commandId, device }) => `${commandId} ${device}`));
  const obeyed = new Set(executed.map(({ commandId, device }) => `${commandId} ${device}`));
  const late = executed.filter(({ atMs, expiresAtMs }) => atMs > expiresAtMs);
  const isWrong = ({ device }: ExecutedCommand) => wrongClocks.has(device);
  const states = COMMAND_STATES.map((state) => `${commands.filter((each) => each.state === state).length} ${state}`);
  return [
    line('commands', 'overrides granted by the API, and stored', new Set(wished).size, stored.length, [
      ...wished.filter((id) => !stored.includes(id)).map((id) => `${id} was granted and is not stored`),
      ...stored.filter((id) => !wished.includes(id)).map((id) => `${id} is stored and was not granted`),
    ]),
    line('commands', 'made, and in a final state', commands.length, commands.length - unfinished.length, [
      states.join(', '),
      ...unfinished.map(({ commandId, device, state }) => `${commandId} to ${device}: ${state}`),
    ]),
    none(
      'commands',
      'carried out after their end, by devices whose clock was right',
      late.filter((each) => !isWrong(each)).map(described),
    ),
    none(
      'commands',
      'carried out, and not known to the database',
      executed.filter(({ commandId, device }) => !known.has(`${commandId} ${device}`)).map(described),
    ),
    none('commands', 'acknowledged, and never carried out', [
      ...new Set(
        commands
          .filter(({ isAcknowledged, commandId, device }) => isAcknowledged && !obeyed.has(`${commandId} ${device}`))
          .map(({ commandId, device }) => `${commandId} to ${device}`),
      ),
    ]),
  ];
}

/** Lamps of devices that store no program: they call an override whatever the server tells them, the calendar's levels too. */
export async function serverDrivenLamps(pool: Pool): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ address: string }>(
    `SELECT lamp.address FROM lamp JOIN device ON device.site_id = lamp.site_id AND device.address = lamp.device
     WHERE NOT device.stores_program`,
  );
  return new Set(rows.map(({ address }) => address));
}

/** What devices hold is what the database believes, and wants. Pure. */
export function compareLevels(
  levels: readonly DeviceLevels[],
  wanted: readonly WantedLevel[],
  serverDriven: ReadonlySet<string>,
): BookLine[] {
  const byLamp = new Map(wanted.map((each) => [each.lamp, each]));
  const isCalendar = (lamp: string) => serverDriven.has(lamp) && byLamp.get(lamp)?.commanded.reason !== 'override';
  const held = levels.filter(({ lamp, reason }) => reason === 'override' && !isCalendar(lamp));
  const shallHold = wanted.filter(({ commanded }) => commanded.reason === 'override');
  const differs = levels.flatMap(({ lamp, levelInEffectPercent, reason }) => {
    const { commanded, inEffect } = byLamp.get(lamp) ?? {};
    const why = (of: string | null | undefined) => (isCalendar(lamp) ? 'its program' : of);
    const does = `${levelInEffectPercent} % by ${why(reason)}`;
    const shall = `${commanded?.levelPercent} % by ${why(commanded?.reason)}`;
    const says = `${inEffect?.levelPercent} % by ${why(inEffect?.reason)}`;
    return does === shall && does === says ? [] : [`${lamp} does ${does}, shall do ${shall}, and is known for ${says}`];
  });
  const ended = held.filter(({ lamp }) => byLamp.get(lamp)?.commanded.reason !== 'override');
  return [
    line(
      'commands',
      'lamps that do what they shall, and are known for it',
      levels.length,
      levels.length - differs.length,
      differs,
    ),
    line('commands', 'lamps that shall hold an override, and hold one', shallHold.length, held.length - ended.length),
    none(
      'commands',
      'overrides held that have ended',
      ended.map(({ lamp }) => lamp),
    ),
  ];
}

function described({ device, commandId, atMs, expiresAtMs }: ExecutedCommand): string {
  return `${commandId} by ${device}, ${Math.round(atMs - expiresAtMs)} ms after its end`;
}
