import { AsyncLocalStorage } from 'node:async_hooks';

/** Who changes something, as the audit has it. */
export interface Actor {
  /** User name. */
  readonly name: string;
  readonly userId?: string;
  readonly via?: 'session' | 'key' | 'link' | 'console' | 'provider';
  /** Of the session or key. */
  readonly viaId?: string;
  readonly address?: string;
  readonly correlationId?: string;
}

interface Acting {
  actor: Actor | undefined;
}

const acting = new AsyncLocalStorage<Acting>();

/** Whatever `work` and what follows from it writes to the database was done by `actor`. */
export function actAs<T>(actor: Actor, work: () => T): T {
  return acting.run({ actor }, work);
}

/** Who it is has turned out only now: somebody has signed in. Keeps where the request came from. */
export function becomeActor(known: Actor): void {
  const current = acting.getStore();
  if (current !== undefined) current.actor = { ...current.actor, ...known };
}

/** For the session setting `felinar.actor`; empty when nobody asked for it. */
export function actorSetting(): string {
  const actor = acting.getStore()?.actor;
  return actor === undefined ? '' : JSON.stringify(actor);
}
