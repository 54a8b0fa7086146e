import type { Role } from '../role.js';
import { line, none, type BookLine } from './book-line.js';

/** Whoever was killed is back and well, and nobody fell over by himself. */
export function processesBook(
  roles: readonly Pick<Role, 'name' | 'kills' | 'unhandled' | 'endedItself'>[],
  notReady: readonly string[],
): BookLine[] {
  const kills = roles.map(({ name, kills: count }) => `${name} killed ${count} times`);
  return [
    line('processes', 'processes, and those that are ready', roles.length, roles.length - notReady.length, [
      ...kills,
      ...notReady.map((name) => `${name} is not ready`),
    ]),
    none(
      'processes',
      'rejections that nobody handled',
      roles.flatMap(({ unhandled }) => unhandled),
    ),
    none(
      'processes',
      'processes that ended by themselves',
      roles.flatMap(({ endedItself }) => endedItself),
    ),
  ];
}
