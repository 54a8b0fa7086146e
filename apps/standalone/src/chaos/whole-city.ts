/** A whole Felinar as a city runs it, and all that it meets: each of its parts can be taken away and comes back. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  freePort,
  reachableDirectory,
  ServicesUnavailable,
  startDebianPostgres,
  startEmbeddedPostgres,
  startMosquitto,
  type RunningBroker,
  type RunningPostgres,
} from '#libs/services';
import { createPool, type Pool } from '#libs/storage';
import { MailReceiver, WebhookReceiver } from './receivers.js';
import { Role, ROLES, type RoleName } from './role.js';
import { TcpProxy } from './tcp-proxy.js';

/** Between whom a network stands. */
export const NETWORKS = ['fleet to broker', 'Felinar to broker', 'Felinar to database'] as const;
export type NetworkName = (typeof NETWORKS)[number];

export interface WholeCity {
  readonly apiUrl: string;
  /** Through the network of the fleet. */
  readonly fleetBrokerUrl: string;
  readonly roles: Readonly<Record<RoleName, Role>>;
  readonly networks: Readonly<Record<NetworkName, TcpProxy>>;
  readonly postgres: RunningPostgres;
  readonly broker: RunningBroker;
  readonly mail: MailReceiver;
  readonly webhook: WebhookReceiver;
  /** Straight to the database, for the books. */
  readonly pool: Pool;
  /** Holds data and logs. */
  readonly directory: string;
  /** Ends everything; `keep`: data and logs stay. */
  stop(keep: boolean): Promise<void>;
}

/** The broker as deploy/mosquitto/mosquitto.conf has it, but for TLS and passwords. */
export const BROKER_LINES = [
  'max_inflight_messages 4000',
  'max_queued_messages 2000000',
  'queue_qos0_messages false',
  'max_packet_size 1048576',
  'max_keepalive 1200',
  'persistent_client_expiration 60d',
  'autosave_interval 30',
];

/** Starts servers, networks, receivers and the four processes. */
export async function startWholeCity(say: (line: string) => void): Promise<WholeCity> {
  const services = await reachableDirectory(join(process.cwd(), '.felinar', 'services'));
  const directory = await mkdtemp(join(await reachableDirectory(tmpdir()), 'felinar-chaos-'));
  await chmod(directory, 0o711);
  const postgres = await startPostgres(services, join(directory, 'postgres'), say);
  const broker = await startMosquitto({
    directory: services,
    workDirectory: join(directory, 'mosquitto'),
    persistence: true,
    configuration: BROKER_LINES,
    progress: say,
  });
  const databaseAt = { host: '127.0.0.1', port: Number(new URL(postgres.url).port) };
  const networks = {
    'fleet to broker': await TcpProxy.start(broker),
    'Felinar to broker': await TcpProxy.start(broker),
    'Felinar to database': await TcpProxy.start(databaseAt),
  };
  const mail = new MailReceiver(await freePort());
  await mail.start();
  const webhook = new WebhookReceiver(await freePort());
  await webhook.start();
  const settings = {
    FELINAR_DATABASE_URL: withPort(postgres.url, networks['Felinar to database'].port),
    FELINAR_MQTT_URL: withPort(broker.url, networks['Felinar to broker'].port),
    FELINAR_LOG_LEVEL: 'info',
    FELINAR_HTTP_REQUESTS_PER_MINUTE: '0',
    FELINAR_SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
    FELINAR_SMTP_FROM: 'Felinar <alerts@felinar.example>',
    FELINAR_PUBLIC_URL: 'https://felinar.example/',
    FELINAR_WEBHOOK_ALLOW_PRIVATE: 'true',
  };
  const roles = await startRoles(settings, directory);
  const pool = createPool(postgres.url, 4);
  return {
    apiUrl: roles.api.url,
    fleetBrokerUrl: withPort(broker.url, networks['fleet to broker'].port),
    roles: { api: roles.api.role, ingest: roles.ingest.role, control: roles.control.role, monitor: roles.monitor.role },
    ...{ networks, postgres, broker, mail, webhook, pool, directory },
    stop: async (keep) => {
      await pool.end();
      await Promise.all(ROLES.map((name) => roles[name].role.stop()));
      for (const network of Object.values(networks)) await network.stop();
      await mail.stop();
      await webhook.stop();
      await broker.stop();
      await postgres.stop();
      if (!keep) await rm(directory, { recursive: true, force: true });
    },
  };
}

/** With TimescaleDB where there is one. */
export async function startPostgres(
  services: string,
  dataDirectory: string,
  progress: (line: string) => void,
): Promise<RunningPostgres> {
  try {
    return await startDebianPostgres({ directory: services, dataDirectory, progress });
  } catch (error) {
    if (!(error instanceof ServicesUnavailable)) throw error;
    progress('There is no TimescaleDB here: taking plain PostgreSQL.');
    return startEmbeddedPostgres({ dataDirectory, progress });
  }
}

async function startRoles(
  settings: Readonly<Record<string, string>>,
  directory: string,
): Promise<Record<RoleName, { readonly role: Role; readonly url: string }>> {
  const start = async (name: RoleName) => {
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    const listens: Record<string, string> =
      name === 'api' ? { FELINAR_HTTP_PORT: port } : { FELINAR_OPERATIONS_PORT: port };
    const role = new Role(name, url, { ...settings, ...listens }, join(directory, `${name}.log`));
    role.start();
    return { role, url };
  };
  return {
    api: await start('api'),
    ingest: await start('ingest'),
    control: await start('control'),
    monitor: await start('monitor'),
  };
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href.replace(/\/$/, '');
}
