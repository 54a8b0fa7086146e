/**
 * The life of a command to one lamp, as data: which state may follow which, and why. Storage turns these lists into the conditions
 * of its statements, so that what is not in the table cannot happen, whatever arrives late, twice or out of order.
 */
export const COMMAND_STATES = [
  /** Wanted, not yet with the broker. */
  'queued',
  /** The broker has it. */
  'sent',
  /** The device says that it obeys. */
  'acknowledged',
  /** The lamp reports the level. */
  'confirmed',
  /** The device refused, does not answer, or obeyed without effect. */
  'failed',
  /** Its time passed first. */
  'expired',
  /** Somebody took it back, or a later command replaced it. */
  'cancelled',
] as const;
export type CommandState = (typeof COMMAND_STATES)[number];

/** What can happen to a command. */
export const COMMAND_EVENTS = [
  'published',
  'acknowledged',
  'confirmed',
  'refused',
  'givenUp',
  'timePassed',
  'cancelled',
] as const;
export type CommandEvent = (typeof COMMAND_EVENTS)[number];

/** `from` lists the states in which the event counts; in any other it changes nothing. */
export interface Transition {
  readonly from: readonly CommandState[];
  readonly to: CommandState;
}

/** States in which something may still happen. */
export const OPEN_STATES: readonly CommandState[] = ['queued', 'sent', 'acknowledged'];

export const TRANSITIONS: Readonly<Record<CommandEvent, Transition>> = {
  // From `acknowledged`: sent once more, because the lamp does not show the level.
  published: { from: OPEN_STATES, to: 'sent' },
  // From `queued`: the answer can overtake the note that it was sent.
  acknowledged: { from: ['queued', 'sent'], to: 'acknowledged' },
  // Without an acknowledgement too: the lamp itself is the better witness.
  confirmed: { from: OPEN_STATES, to: 'confirmed' },
  refused: { from: ['queued', 'sent'], to: 'failed' },
  givenUp: { from: OPEN_STATES, to: 'failed' },
  timePassed: { from: OPEN_STATES, to: 'expired' },
  cancelled: { from: OPEN_STATES, to: 'cancelled' },
};

/** The state after an event. Never throws: what does not count leaves the state as it is. */
export function after(state: CommandState, event: CommandEvent): CommandState {
  const { from, to } = TRANSITIONS[event];
  return from.includes(state) ? to : state;
}

/** Whether nothing more can happen. */
export function isFinal(state: CommandState): boolean {
  return !OPEN_STATES.includes(state);
}
