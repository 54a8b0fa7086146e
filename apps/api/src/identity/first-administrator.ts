import { hashPassword, newPassword } from '#libs/identity';
import { actAs, createFirstAdministrator, hasNoUsers, resetAdministrator, type Pool } from '#libs/storage';

export const FIRST_USERNAME = 'admin';

/** Whoever starts Felinar, or runs its commands. */
const CONSOLE = { name: 'system', via: 'console' } as const;

/** Who has just been let in, and with what. */
export interface Newcomer {
  readonly username: string;
  readonly password: string;
}

/** A database without users gets its first one. Undefined: there is one. The password is in the answer and nowhere else: show it. */
export async function firstAdministrator(pool: Pool, nowMs: number): Promise<Newcomer | undefined> {
  if (!(await hasNoUsers(pool))) return undefined;
  const password = newPassword();
  const user = { username: FIRST_USERNAME, name: 'Administrator', passwordHash: await hashPassword(password) };
  const isFirst = await actAs(CONSOLE, () => createFirstAdministrator(pool, user, nowMs));
  return isFirst ? { username: FIRST_USERNAME, password } : undefined;
}

/** The way back in for whoever can reach the database: an administrator of all sites, with a temporary password. */
export async function restoreAdministrator(pool: Pool, username: string, nowMs: number): Promise<Newcomer> {
  const password = newPassword();
  const passwordHash = await hashPassword(password);
  await actAs(CONSOLE, () => resetAdministrator(pool, { username, passwordHash }, nowMs));
  return { username, password };
}

/** For the console, never for a log. */
export function introduce({ username, password }: Newcomer, what: string): string {
  return [
    '',
    `${what} This is shown once:`,
    `  User name  ${username}`,
    `  Password   ${password}`,
    'It is a temporary one: sign in (POST /api/v1/sessions) and choose your own (PUT /api/v1/me/password).',
    '',
  ].join('\n');
}
