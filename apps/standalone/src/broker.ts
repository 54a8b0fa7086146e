import { startEmbeddedBroker } from '#libs/services';

/** The MQTT broker of a standalone Felinar. */
export interface StandaloneBroker {
  readonly url: string;
  readonly origin: string;
  readonly protocolVersion: 4 | 5;
  stop(): Promise<void>;
}

/** The broker that the configuration names, else aedes in this process; on a free port when the wanted one is taken. */
export async function startBroker(
  configured: string | undefined,
  protocol: string | undefined,
  port: number,
  say: (line: string) => void,
): Promise<StandaloneBroker> {
  if (configured !== undefined && configured !== '') {
    const protocolVersion = protocol === '4' ? 4 : 5;
    return {
      url: configured,
      origin: 'the one that FELINAR_MQTT_URL names',
      protocolVersion,
      stop: () => Promise.resolve(),
    };
  }
  const host = '127.0.0.1';
  const broker = await startEmbeddedBroker({ host, port }).catch(async (error: unknown) => {
    if (port === 0) throw error;
    say(`Port ${port} is taken: the MQTT broker takes a free one.`);
    return startEmbeddedBroker({ host, port: 0 });
  });
  return { url: broker.url, origin: 'embedded', protocolVersion: 4, stop: () => broker.stop() };
}
