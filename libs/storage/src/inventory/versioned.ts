import { DomainError } from '#libs/kernel';
import type { EntityManager, EntityTarget, FindOptionsWhere } from 'typeorm';

/** The versions a client is ready to change; undefined when any will do. */
export type ExpectedVersion = readonly number[] | undefined;

/** Refuses when somebody else has changed `what` since the client read it. */
export function checkVersion(actual: number, expected: ExpectedVersion, what: string): void {
  if (expected === undefined || expected.includes(actual)) return;
  throw new DomainError(
    'preconditionFailed',
    `${what} is at version ${actual} by now: read it again, look at what changed, and repeat with its ETag`,
  );
}

export interface Versioned {
  version: number;
}

/**
 * The row, locked until the end of the transaction and at a version the client expects. Changing it through `manager.save`
 * raises the version when something really changes.
 */
export async function lockForChange<T extends Versioned>(
  manager: EntityManager,
  entity: EntityTarget<T>,
  where: FindOptionsWhere<T>,
  expected: ExpectedVersion,
  what: string,
): Promise<T> {
  const row = await manager.findOne(entity, { where, lock: { mode: 'pessimistic_write' } });
  if (row === null) throw new DomainError('notFound', `There is no ${what}`);
  checkVersion(row.version, expected, what);
  return row;
}

/** The SQLSTATE of a failure of the database; undefined for any other failure. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { driverError, code } = error as { driverError?: { code?: unknown }; code?: unknown };
  const state = driverError?.code ?? code;
  return typeof state === 'string' && /^[0-9A-Z]{5}$/.test(state) ? state : undefined;
}

/** Turns a unique violation into a conflict that says `message`. */
export async function orConflict<T>(work: Promise<T>, message: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (sqlState(error) === '23505') throw new DomainError('conflict', message);
    throw error;
  }
}

/** Turns the refusal of a foreign key into a conflict that says what stands in the way. */
export async function orStillInUse<T>(work: Promise<T>, message: () => Promise<string>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (sqlState(error) === '23503' || sqlState(error) === '23001') throw new DomainError('conflict', await message());
    throw error;
  }
}

/** `1 lamp`, `42 lamps`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
