import { open, readFile, rename } from 'node:fs/promises';

/** The lines of Mosquitto's password file. */
export function passwordFile(entries: readonly { readonly username: string; readonly hash: string }[]): string {
  return entries.map(({ username, hash }) => `${username}:${hash}\n`).join('');
}

/** Writes a file whole or not at all, and only when its content is another. Returns whether it did. */
export async function replaceFile(path: string, text: string): Promise<boolean> {
  const known = await readFile(path, 'utf8').catch(() => undefined);
  if (known === text) return false;
  const beside = `${path}.new`;
  const file = await open(beside, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  return true;
}
