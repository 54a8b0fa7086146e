/** Told in short human lines what is going on; meant for a terminal. */
export interface Progress {
  (message: string): void;
}

/** A server process or container that this process started and answers for. */
export interface RunningService {
  /** Process id of the server itself; undefined for a container and while it is down. */
  readonly pid: number | undefined;
  /** Orderly stop; a second call waits for the first. After it nothing of the service is running. */
  stop(): Promise<void>;
  /** Orderly stop if it still runs, then start on the same port with the same data. */
  restart(): Promise<void>;
  /** SIGKILL, as a power cut would do it. `restart()` brings it back. */
  kill(): Promise<void>;
}

export interface RunningPostgres extends RunningService {
  /** Connection string with user, password and database. */
  readonly url: string;
  readonly source: 'debian' | 'container' | 'embedded';
  /** Whether `CREATE EXTENSION timescaledb` can succeed there. */
  readonly timescale: boolean;
  /** Where psql and pg_dump are, when this source has them. */
  readonly binDirectory: string | undefined;
}

export interface RunningBroker extends RunningService {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly source: 'installed' | 'debian' | 'container';
  /** The mosquitto_pub executable, where there is one. */
  readonly pubPath: string | undefined;
  /** The mosquitto_sub executable, where there is one. */
  readonly subPath: string | undefined;
}
