import { readFile } from 'node:fs/promises';

/** The user and group a server runs as. */
export interface Identity {
  uid: number;
  gid: number;
}

/** Users we drop to, best first. They exist on every Debian or have no rights at all. */
const preferredUsers = ['postgres', 'nobody'];

/** Finds the first of `names` in the text of a passwd file. */
export function findUser(passwd: string, names: readonly string[]): Identity | undefined {
  const users = new Map<string, Identity>();
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name && /^\d+$/.test(uid ?? '') && /^\d+$/.test(gid ?? ''))
      users.set(name, { uid: Number(uid), gid: Number(gid) });
  }
  for (const name of names) {
    const user = users.get(name);
    if (user && user.uid !== 0) return user;
  }
  return undefined;
}

/**
 * The unprivileged user that servers run as when this process is root (PostgreSQL refuses to run as root); undefined
 * when this process is an ordinary user already and servers run as itself.
 */
export async function serverIdentity(): Promise<Identity | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return findUser(passwd, preferredUsers) ?? { uid: 65534, gid: 65534 };
}
