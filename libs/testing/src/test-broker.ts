import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedBroker, startMosquitto } from '#libs/services';
import { TEST_SERVICES_DIRECTORY, testVariable } from './environment.js';

/** Both brokers Felinar promises to work with. */
export const BROKERS = ['mosquitto', 'aedes'] as const;
export type BrokerKind = (typeof BROKERS)[number];

/** A broker of its own for one test file. */
export interface TestBroker {
  readonly kind: BrokerKind;
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** The MQTT version to speak with it: aedes has 3.1.1 only. */
  readonly protocolVersion: 4 | 5;
  /** mosquitto_pub, where this broker brings it. */
  readonly pubPath: string | undefined;
  /** Stops it as a power cut would, and starts it again on the same port; aedes forgets its sessions by that. */
  killAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a broker on a free port, with queues and windows as Felinar's production configuration has them. */
export async function testBroker(kind: BrokerKind): Promise<TestBroker> {
  if (kind === 'aedes') {
    const broker = await startEmbeddedBroker({ host: '127.0.0.1', port: 0 });
    return {
      kind,
      url: broker.url,
      host: '127.0.0.1',
      port: broker.port,
      protocolVersion: 4,
      pubPath: undefined,
      killAndRestart: () => broker.restart(),
      stop: () => broker.stop(),
    };
  }
  const directory = testVariable(TEST_SERVICES_DIRECTORY);
  const workDirectory = await mkdtemp(join(directory, 'mosquitto-'));
  await chmod(workDirectory, 0o711);
  const broker = await startMosquitto({ directory, workDirectory, persistence: true });
  return {
    kind,
    url: broker.url,
    host: broker.host,
    port: broker.port,
    protocolVersion: 5,
    pubPath: broker.pubPath,
    killAndRestart: async () => {
      await broker.kill();
      await broker.restart();
    },
    stop: async () => {
      await broker.stop();
      await rm(workDirectory, { recursive: true, force: true });
    },
  };
}
