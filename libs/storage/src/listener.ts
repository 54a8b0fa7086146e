import pg from 'pg';

/** A connection that waits for notifications. */
export interface Listener {
  close(): Promise<void>;
}

/** LISTENs on a channel. `onLost` is called once when the connection breaks without `close`. Rejects when it cannot connect. */
export async function connectListener(
  url: string,
  channel: string,
  onNotification: () => void,
  onLost: () => void,
): Promise<Listener> {
  const client = new pg.Client({ connectionString: url, application_name: 'felinar listener', keepAlive: true });
  let ended = false;
  const lost = () => {
    if (ended) return;
    ended = true;
    onLost();
  };
  client.on('error', lost);
  client.on('end', lost);
  client.on('notification', onNotification);
  try {
    await client.connect();
    await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
  } catch (error) {
    ended = true;
    await client.end().catch(() => undefined);
    throw error;
  }
  return {
    close: async () => {
      ended = true;
      await client.end();
    },
  };
}
