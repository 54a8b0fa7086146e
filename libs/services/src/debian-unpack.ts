import { chmod, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command.js';

/** Where things are in an unpacked prefix, relative to it. */
export interface PrefixLayout {
  /** The directory of shared libraries, e.g. usr/lib/x86_64-linux-gnu. */
  libraries: string;
  /** The dynamic loader's file name in it. */
  loader: string;
}

/** Unpacks package files into a prefix, drops what no server reads, and makes its programs run on any libc. */
export async function unpackPackages(packages: string, prefix: string, postgresMajor: number): Promise<PrefixLayout> {
  await makeSkeleton(prefix);
  const archives = (await readdir(packages))
    .filter((name) => name.endsWith('.deb'))
    .map((name) => join(packages, name));
  const lanes = Array.from({ length: Math.min(4, availableParallelism()) }, async () => {
    for (let next = archives.pop(); next !== undefined; next = archives.pop())
      await runCommand('dpkg-deb', ['--extract', next, prefix]);
  });
  await Promise.all(lanes);
  await dropUnused(prefix, postgresMajor);
  const layout = await findLoader(prefix);
  for (const directory of programDirectories(postgresMajor)) await wrapPrograms(prefix, directory, layout);
  await runCommand('chmod', ['-R', 'a+rX,u+w', prefix]);
  return layout;
}

/** The directories with programs we call, relative to the prefix. */
function programDirectories(postgresMajor: number): string[] {
  return [`usr/lib/postgresql/${postgresMajor}/bin`, 'usr/sbin', 'usr/bin'];
}

/** /bin, /lib and the like as links into /usr, as every Debian has them: older packages still ship files there. */
async function makeSkeleton(prefix: string): Promise<void> {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    await mkdir(join(prefix, 'usr', name), { recursive: true });
    await symlink(`usr/${name}`, join(prefix, name));
  }
}

async function dropUnused(prefix: string, postgresMajor: number): Promise<void> {
  const drop = ['etc', 'var', 'run', 'usr/include', 'usr/lib/systemd', 'usr/share/bug', 'usr/libexec'];
  for (const name of await readdir(join(prefix, 'usr/share')))
    if (name !== 'postgresql') drop.push(`usr/share/${name}`);
  const modules = `usr/lib/postgresql/${postgresMajor}/lib`;
  drop.push(`${modules}/bitcode`, `${modules}/pgxs`, `usr/share/postgresql/${postgresMajor}/man`);
  // Without the libraries for just-in-time compilation these could only fail to load.
  for (const name of await readdir(join(prefix, modules)))
    if (name.startsWith('llvmjit')) drop.push(`${modules}/${name}`);
  // Character set tables: PostgreSQL has its own.
  for (const name of await readdir(join(prefix, 'usr/lib'))) drop.push(`usr/lib/${name}/gconv`);
  for (const path of drop) await rm(join(prefix, path), { recursive: true, force: true });
}

async function findLoader(prefix: string): Promise<PrefixLayout> {
  for (const entry of await readdir(join(prefix, 'usr/lib'), { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const libraries = `usr/lib/${entry.name}`;
    const names = await readdir(join(prefix, libraries));
    const loader = names.find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
    if (loader && names.includes('libc.so.6')) return { libraries, loader };
  }
  throw new Error(`No dynamic loader among the unpacked packages in ${prefix}`);
}

/**
 * Programs of another release need that release's libc. Each is put aside as NAME.real, and NAME becomes a script that
 * runs it by the prefix's own loader; it finds the prefix from its own place, so that the prefix can be moved.
 */
async function wrapPrograms(prefix: string, directory: string, layout: PrefixLayout): Promise<void> {
  const up = directory
    .split('/')
    .map(() => '..')
    .join('/');
  for (const entry of await readdir(join(prefix, directory), { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(prefix, directory, entry.name);
    await rename(path, `${path}.real`);
    await writeFile(
      path,
      [
        '#!/bin/sh',
        `libraries=\${0%/*}/${up}/${layout.libraries}`,
        `exec "$libraries/${layout.loader}" --library-path "$libraries" --argv0 "$0" "$0.real" "$@"`,
        '',
      ].join('\n'),
    );
    await chmod(path, 0o755);
  }
}
