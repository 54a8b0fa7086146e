/**
 * `node dist/apps/api/src/simulator-key.js FILE`: a key for everything into FILE, for the simulated city of the compose file, which comes through
 * the API as an integrator would. The one of an earlier start is revoked. Needs FELINAR_DATABASE_URL and a database that the API has set up.
 */
import { rename, writeFile } from 'node:fs/promises';
import { ConfigError, loadConfig } from '#libs/config';
import { systemClock } from '#libs/kernel';
import { createPool, issueAdministratorKey } from '#libs/storage';

const KEY_NAME = 'simulated city';

const [file, ...rest] = process.argv.slice(2);
if (file === undefined || rest.length > 0) {
  console.error('simulator-key.js FILE: writes a key for the simulated city into FILE');
  process.exit(2);
}
try {
  // Any broker will do: none is asked.
  const config = loadConfig({ FELINAR_MQTT_URL: 'mqtt://127.0.0.1', ...process.env });
  const pool = createPool(config.FELINAR_DATABASE_URL, 1);
  try {
    const key = await issueAdministratorKey(pool, KEY_NAME, systemClock.nowMs());
    await writeFile(`${file}.new`, `${key}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
    console.log(`A key for the simulated city is in ${file}.`);
  } finally {
    await pool.end();
  }
} catch (error) {
  console.error(error instanceof ConfigError || error instanceof Error ? error.message : error);
  process.exit(1);
}
