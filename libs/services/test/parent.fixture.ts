import { join } from 'node:path';
import { startDebianPostgres, startEmbeddedPostgres, startMosquitto } from '../src/index.js';

/** A process that starts services, says their process ids, and then waits to be killed. */
const [kind, directory, work] = process.argv.slice(2);
if (kind === undefined || directory === undefined || work === undefined) throw new Error('kind, directory, work');
const dataDirectory = join(work, 'postgres');
const database =
  kind === 'debian' ? startDebianPostgres({ directory, dataDirectory }) : startEmbeddedPostgres({ dataDirectory });
const broker = startMosquitto({ directory, workDirectory: join(work, 'mosquitto') });
const pids = [(await database).pid, (await broker).pid];
process.stdout.write(`${JSON.stringify(pids)}\n`);
setInterval(() => undefined, 60_000);
