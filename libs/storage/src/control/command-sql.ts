import { OPEN_STATES, TRANSITIONS, type CommandEvent } from '#libs/commands';

const listed = (states: readonly string[]) => states.map((state) => `'${state}'`).join(', ');

/** States in which something may still happen, for an IN (…). Literals, so that the partial index is used. */
export const OPEN = listed(OPEN_STATES);

/** The states in which an event counts, for an IN (…). */
export function statesBefore(event: CommandEvent): string {
  return listed(TRANSITIONS[event].from);
}

/** `state = '…'` of what an event leads to. */
export function setState(event: CommandEvent): string {
  return `state = '${TRANSITIONS[event].to}'`;
}

/** SQL for an instant given as ms since the epoch. */
export function instant(placeholder: string): string {
  return `to_timestamp(${placeholder}::float8 / 1000.0)`;
}
