import pg from 'pg';
import { actorSetting } from './audit/actor.js';

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: boolean | Error) => void,
) => void;

/** What a connection has been told last; nobody (empty) to begin with. */
const TOLD = new WeakMap<object, string>();

/** A pool whose connections know for whom they work: the audit's triggers read the setting `felinar.actor`. */
export class ActingPool extends pg.Pool {
  constructor(options?: pg.PoolConfig) {
    super(options);
    // One that breaks while it is lent would end the process: nobody else listens until TypeORM does, or between two queries. The next
    // query on it is refused.
    this.on('connect', (client) => client.on('error', () => undefined));
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | void {
    // Taken here: the pool may call back out of another request.
    const actor = actorSetting();
    const connecting = super.connect().then((client) => told(client, actor));
    if (callback === undefined) return connecting;
    connecting.then(
      (client) => callback(undefined, client, client.release),
      (error: Error) => callback(error, undefined, () => undefined),
    );
  }
}

/** A round trip only where the connection worked for somebody else before. */
async function told(client: pg.PoolClient, actor: string): Promise<pg.PoolClient> {
  if ((TOLD.get(client) ?? '') === actor) return client;
  try {
    await client.query(`SELECT set_config('felinar.actor', $1, false)`, [actor]);
  } catch (error) {
    client.release(true);
    throw error;
  }
  TOLD.set(client, actor);
  return client;
}

/** What TypeORM makes its pool of. */
export const actingDriver = Object.assign(Object.create(pg) as typeof pg, { Pool: ActingPool });
