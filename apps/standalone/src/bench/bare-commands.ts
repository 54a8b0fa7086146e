import { Publisher } from '#libs/mqtt';
import { parseTopic, topicFilter, topicOf } from '#libs/protocol';
import mqtt from 'mqtt';
import { setTimeout as delay } from 'node:timers/promises';

/** A device and the lamps for which it speaks. */
export interface DeviceLamps {
  readonly device: string;
  readonly lamps: readonly string[];
}

/**
 * The baseline: the same commands to the same simulated devices through the same broker, with nothing stored and nothing followed.
 * Resolves with the seconds from the first message to the last acknowledgement. The override is released again.
 */
export async function measureBareCommands(
  brokerUrl: string,
  site: string,
  devices: readonly DeviceLamps[],
  levelPercent: number,
): Promise<number> {
  const publisher = new Publisher({
    broker: { url: brokerUrl, protocolVersion: 5 },
    clientId: 'bare',
    maxInFlight: 200,
  });
  publisher.start();
  const listener = await mqtt.connectAsync(brokerUrl, { protocolVersion: 4 });
  const answered = new Set<string>();
  listener.on('message', (topic, payload) => {
    const { commandId } = JSON.parse(String(payload)) as { commandId: string };
    if (commandId === 'bare') answered.add(parseTopic(topic)?.device ?? '');
  });
  await listener.subscribeAsync(topicFilter('ack', site), { qos: 1 });
  while (!publisher.isReady) await delay(10);
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const tell = (commandId: string, level: number | null) =>
    Promise.all(
      devices.map(({ device, lamps }) =>
        publisher.publish(
          topicOf(site, device, 'command'),
          JSON.stringify({ v: 1, commandId, lamps, lightLevelPercent: level, fadeS: 0, expiresAt }),
        ),
      ),
    );
  const startedMs = performance.now();
  await tell('bare', levelPercent);
  while (answered.size < devices.length) {
    if (performance.now() - startedMs > 120_000)
      throw new Error(`only ${answered.size} of ${devices.length} devices answered`);
    await delay(5);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  await tell('bare-release', null);
  await publisher.stop();
  await listener.endAsync();
  return seconds;
}
