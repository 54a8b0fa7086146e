import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';

/** The directories of PATH. */
export function pathDirectories(): string[] {
  return (process.env['PATH'] ?? '').split(':').filter((directory) => directory !== '');
}

/** The first program of that name in the directories that may be executed. */
export async function findExecutable(name: string, directories: readonly string[]): Promise<string | undefined> {
  for (const directory of directories) {
    const path = join(directory, name);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}
