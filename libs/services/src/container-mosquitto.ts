import { startContainer } from './container-engine.js';
import { freePort } from './free-port.js';
import { mosquittoConfiguration } from './mosquitto-configuration.js';
import type { Progress, RunningBroker } from './running-service.js';

export const mosquittoImage = 'eclipse-mosquitto:2.0.22';

/** Mosquitto in a container; undefined where no engine answers or the image cannot be had. */
export async function startContainerMosquitto(options: {
  port?: number;
  progress?: Progress;
  configuration?: string[];
  persistence?: boolean;
}): Promise<RunningBroker | undefined> {
  const port = options.port ?? (await freePort());
  const content = mosquittoConfiguration({
    host: '0.0.0.0',
    port: 1883,
    persistenceDirectory: options.persistence === true ? '/mosquitto/data' : undefined,
    lines: options.configuration ?? [],
  });
  const container = await startContainer({
    image: mosquittoImage,
    progress: options.progress,
    prepare: (image, { Wait }) =>
      image
        .withExposedPorts({ container: 1883, host: port })
        .withCopyContentToContainer([{ content, target: '/mosquitto/config/mosquitto.conf' }])
        .withWaitStrategy(Wait.forListeningPorts()),
  });
  if (!container) return undefined;
  const host = '127.0.0.1';
  return {
    url: `mqtt://${host}:${port}`,
    host,
    port,
    source: 'container',
    pubPath: undefined,
    subPath: undefined,
    pid: undefined,
    ...container,
  };
}
