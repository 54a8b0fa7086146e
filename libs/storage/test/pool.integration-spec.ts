import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { emptyDatabase } from '#libs/testing';
import { actingDriver } from '../src/acting-pool.js';
import { createPool, inTransaction, type Pool } from '../src/index.js';

describe('a pool of connections', () => {
  let database: { readonly url: string; drop(): Promise<void> };
  let pool: Pool;
  let other: Pool;

  beforeAll(async () => {
    database = await emptyDatabase();
    pool = createPool(database.url, 1);
    other = createPool(database.url, 1);
  });

  afterAll(async () => {
    await Promise.all([pool.end(), other.end()]);
    await database.drop();
  });

  it('asks the server, too, to give up a client that has gone without a word', async () => {
    expect((await pool.query('SHOW tcp_keepalives_idle')).rows).toEqual([{ tcp_keepalives_idle: '10' }]);
  });

  it('outlives a connection that breaks between two statements of a transaction, and lends another one then', async () => {
    const work = inTransaction(pool, async (client) => {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      // Nobody but the pool listens to its errors: one more listener here would hide that.
      expect(client.listenerCount('error')).toBeGreaterThan(0);
      const broken = once(client, 'end');
      await other.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      await broken;
      return client.query('SELECT 1');
    });
    await expect(work).rejects.toThrow(/not queryable|terminat|closed/i);
    expect((await pool.query('SELECT 2 AS n')).rows).toEqual([{ n: 2 }]);
  });

  it('of TypeORM outlives a connection that breaks while it is lent, before TypeORM listens to it', async () => {
    const lending = new actingDriver.Pool({ connectionString: database.url, max: 1 });
    lending.on('error', () => undefined);
    const client = await lending.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    expect(client.listenerCount('error')).toBeGreaterThan(0);
    const broken = new Promise((resolve) => client.once('end', resolve));
    await other.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await broken;
    client.release(true);
    expect((await lending.query('SELECT 2 AS n')).rows).toEqual([{ n: 2 }]);
    await lending.end();
  });
});
