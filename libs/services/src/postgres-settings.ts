/** Settings of every server we start. The caller's own come after them and win. */
export function defaultSettings(timescale: boolean): Record<string, string> {
  return {
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    wal_compression: 'on',
    synchronous_commit: 'on',
    max_connections: '200',
    jit: 'off', // its libraries are not unpacked, and our queries are short
    log_timezone: 'UTC',
    timezone: 'UTC',
    ...(timescale
      ? {
          shared_preload_libraries: 'timescaledb',
          'timescaledb.telemetry_level': 'off',
          max_worker_processes: '32', // TimescaleDB wants a scheduler for every database that uses it
        }
      : {}),
  };
}

/** The text of a configuration file with these settings. */
export function settingsFile(settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  return ['# Written by Felinar at every start; ALTER SYSTEM is the place for changes.', ...lines, ''].join('\n');
}
