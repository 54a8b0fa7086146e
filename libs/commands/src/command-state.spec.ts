import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  after,
  COMMAND_EVENTS,
  COMMAND_STATES,
  isFinal,
  type CommandEvent,
  type CommandState,
} from './command-state.js';

const walk = (events: readonly CommandEvent[]) =>
  events.reduce<CommandState>((state, event) => after(state, event), 'queued');

describe('the life of a command', () => {
  it.each([
    [['published', 'acknowledged', 'confirmed'], 'confirmed'],
    // The answer overtakes the note that it was sent.
    [['acknowledged', 'confirmed'], 'confirmed'],
    // No answer, but the lamp shows it.
    [['published', 'confirmed'], 'confirmed'],
    [['published', 'refused'], 'failed'],
    [['published', 'acknowledged', 'published', 'givenUp'], 'failed'],
    [['timePassed', 'acknowledged'], 'expired'],
    [['published', 'cancelled', 'confirmed'], 'cancelled'],
    // A device cannot refuse what it has accepted.
    [['published', 'acknowledged', 'refused'], 'acknowledged'],
  ] satisfies [CommandEvent[], CommandState][])('%j ends %s', (events, state) => {
    expect(walk(events)).toBe(state);
  });

  it('has the whole table', () => {
    const table = Object.fromEntries(
      COMMAND_STATES.map((state) => [state, COMMAND_EVENTS.map((event) => after(state, event)).join(' ')]),
    );
    // In the order of COMMAND_EVENTS: published acknowledged confirmed refused givenUp timePassed cancelled.
    expect(table).toEqual({
      queued: 'sent acknowledged confirmed failed failed expired cancelled',
      sent: 'sent acknowledged confirmed failed failed expired cancelled',
      acknowledged: 'sent acknowledged confirmed acknowledged failed expired cancelled',
      confirmed: 'confirmed confirmed confirmed confirmed confirmed confirmed confirmed',
      failed: 'failed failed failed failed failed failed failed',
      expired: 'expired expired expired expired expired expired expired',
      cancelled: 'cancelled cancelled cancelled cancelled cancelled cancelled cancelled',
    });
  });

  const events = fc.array(fc.constantFrom(...COMMAND_EVENTS), { maxLength: 20 });

  it('never leaves a final state, and a repeated event changes nothing', () => {
    fc.assert(
      fc.property(events, fc.constantFrom(...COMMAND_EVENTS), (before, event) => {
        const state = walk(before);
        if (isFinal(state)) expect(after(state, event)).toBe(state);
        expect(after(after(state, event), event)).toBe(after(state, event));
      }),
    );
  });
});
