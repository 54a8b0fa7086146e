/** A backup is a directory: the dump, and a manifest with what is needed to trust it. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BackupError } from './postgres-tools.mjs';

export const FORMAT = 1;
export const DUMP = 'database.dump';
export const MANIFEST = 'manifest.json';
/** Names of whole backups; one that is being made has another. */
export const NAME = /^felinar-\d{8}T\d{6}Z$/;

/** Throws BackupError when the directory holds none, or one that is not as it was made. */
export async function readBackup(directory, onBytes = () => undefined) {
  const file = join(directory, MANIFEST);
  if (!existsSync(file))
    throw new BackupError(
      `${directory} is no backup: there is no ${MANIFEST} in it. Name a directory such as backups/felinar-20261125T020000Z.`,
    );
  const manifest = parse(file);
  if (manifest.format !== FORMAT)
    throw new BackupError(
      `${file} has format ${manifest.format}, and this Felinar reads ${FORMAT}: restore it with the version that made it.`,
    );
  const dump = join(directory, DUMP);
  const damaged = (why) =>
    new BackupError(
      `${dump} is damaged: ${why}. Do not use it; take another backup, or fetch this one again from where it was copied to.`,
    );
  const bytes = existsSync(dump) ? statSync(dump).size : 0;
  if (bytes !== manifest.file.bytes) throw damaged(`it has ${bytes} bytes, and had ${manifest.file.bytes}`);
  if ((await sha256Of(dump, onBytes)) !== manifest.file.sha256)
    throw damaged('its checksum is not the one that it had');
  return { manifest, dump };
}

function parse(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new BackupError(`${file} is damaged (${error.message}): take another backup.`);
  }
}

async function sha256Of(file, onBytes) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk);
    onBytes(chunk.length);
  }
  return hash.digest('hex');
}
