import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstBarrier, isLoadablePath, isTraversable, makeOpenDirectory, withParents } from './reachable-directory.js';

const user = { uid: 1000, gid: 100 };

describe('isTraversable', () => {
  it.each([
    [{ mode: 0o40700, uid: 0, gid: 0 }, false],
    [{ mode: 0o40711, uid: 0, gid: 0 }, true],
    [{ mode: 0o40750, uid: 0, gid: 100 }, true],
    [{ mode: 0o40705, uid: 0, gid: 100 }, false],
    [{ mode: 0o40700, uid: 1000, gid: 0 }, true],
    [{ mode: 0o40077, uid: 1000, gid: 100 }, false],
  ])('%j: %s', (directory, expected) => {
    expect(isTraversable(directory, user)).toBe(expected);
  });
});

describe('withParents', () => {
  it('goes from the root to the path', () => {
    expect(withParents('/a/b')).toEqual(['/', '/a', '/a/b']);
  });
});

describe('isLoadablePath', () => {
  it.each([
    ['/srv/city lights', true],
    ['/srv/a:b', false],
    ['/srv/$ORIGIN', false],
  ])('%s: %s', (path, expected) => {
    expect(isLoadablePath(path)).toBe(expected);
  });
});

describe('directories on disk', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'felinar-reach-'));
    await chmod(root, 0o755);
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  it('names the closed parent', async () => {
    const closed = join(root, 'closed');
    await mkdir(join(closed, 'inner'), { recursive: true });
    await chmod(join(closed, 'inner'), 0o755);
    await chmod(closed, 0o700);
    const stranger = { uid: 64_000, gid: 64_000 };
    const outside = await firstBarrier(root, stranger); // where the temporary directory itself is closed
    expect(await firstBarrier(join(closed, 'inner', 'new'), stranger)).toBe(outside ?? closed);
    await chmod(closed, 0o711);
    expect(await firstBarrier(join(closed, 'inner', 'new'), stranger)).toBe(outside);
  });

  it('makes directories open to pass and leaves existing ones as they are', async () => {
    await mkdir(join(root, 'kept'), { mode: 0o700 });
    await makeOpenDirectory(join(root, 'kept', 'a', 'b'));
    expect((await stat(join(root, 'kept'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(root, 'kept', 'a'))).mode & 0o777).toBe(0o755);
    expect((await stat(join(root, 'kept', 'a', 'b'))).mode & 0o777).toBe(0o755);
  });
});
