/** `npm run reset-administrator [-- USERNAME]`: the way back in when nobody can sign in any more. Needs FELINAR_DATABASE_URL. */
import { ConfigError, loadConfig } from '#libs/config';
import { systemClock } from '#libs/kernel';
import { createPool } from '#libs/storage';
import { FIRST_USERNAME, introduce, restoreAdministrator } from './identity/first-administrator.js';

const [username = FIRST_USERNAME, ...rest] = process.argv.slice(2).map((text) => text.toLowerCase());
if (rest.length > 0 || !/^[a-z0-9][a-z0-9._@-]{0,63}$/.test(username)) {
  console.error(
    'npm run reset-administrator [-- USERNAME]: makes USERNAME (admin) an administrator with a new password',
  );
  process.exit(2);
}
try {
  // Any broker will do: none is asked.
  const config = loadConfig({ FELINAR_MQTT_URL: 'mqtt://127.0.0.1', ...process.env });
  const pool = createPool(config.FELINAR_DATABASE_URL, 1);
  try {
    console.log(
      introduce(await restoreAdministrator(pool, username, systemClock.nowMs()), `${username} may manage everything.`),
    );
  } finally {
    await pool.end();
  }
} catch (error) {
  console.error(error instanceof ConfigError || error instanceof Error ? error.message : error);
  process.exit(1);
}
