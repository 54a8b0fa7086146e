import { chmod, chown, open, readFile, rename, stat } from 'node:fs/promises';
import type { Identity } from './identity.js';
import { lastLines } from './command.js';

const keepBytes = 10_000_000;

/** A server's log, appended to over many starts; the part written since this start can be read back. */
export class LogFile {
  readonly path: string;
  #startOffset = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Opens it for appending; one that has grown large is put aside first. The caller closes the handle. */
  async open(identity: Identity | undefined) {
    const size = await stat(this.path).then(
      (status) => status.size,
      () => 0,
    );
    if (size > keepBytes) await rename(this.path, `${this.path}.old`);
    this.#startOffset = size > keepBytes ? 0 : size;
    const handle = await open(this.path, 'a', 0o640);
    if (identity) await chown(this.path, identity.uid, identity.gid);
    await chmod(this.path, 0o640);
    return handle;
  }

  /** What was written since the last `open`. */
  async sinceOpen(): Promise<string> {
    const text = await readFile(this.path).catch(() => Buffer.alloc(0));
    return text.subarray(this.#startOffset).toString('utf8');
  }

  /** Its last lines since the last `open`, for an error message. */
  async tail(count = 15): Promise<string> {
    return lastLines(await this.sinceOpen(), count);
  }
}
