/** npm run test:fuzz: bent requests and messages, a million of them, and what the processes made of it (docs/security/fuzzing.md). */
import { randomInt } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reachableDirectory, startMosquitto } from '#libs/services';
import { BROKER_LINES, startPostgres } from '../chaos/whole-city.js';
import { readOptions, USAGE, type FuzzOptions } from './options.js';
import { printReport, wrongs } from './report.js';
import { runFuzz } from './run-fuzz.js';

const say = (line: string) => console.log(line);
const options = optionsOrExit();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
try {
  process.exit((await fuzz(options)) ? 0 : 1);
} catch (error) {
  console.error(error);
  process.exit(2);
}

/** True when nothing failed. Logs are kept when something did. */
async function fuzz(chosen: FuzzOptions): Promise<boolean> {
  say(`Seed ${chosen.seed}, ${chosen.cases} cases.`);
  const services = await reachableDirectory(join(process.cwd(), '.felinar', 'services'));
  const directory = await mkdtemp(join(await reachableDirectory(tmpdir()), 'felinar-fuzz-'));
  await chmod(directory, 0o711);
  const postgres = await startPostgres(services, join(directory, 'postgres'), say);
  const broker = await startMosquitto({
    ...{ directory: services, workDirectory: join(directory, 'mosquitto'), persistence: false },
    ...{ configuration: BROKER_LINES.filter((line) => !/^(persistent|autosave)/.test(line)), progress: say },
  });
  let isWell = false;
  try {
    const report = await runFuzz(chosen, { databaseUrl: postgres.url, brokerUrl: broker.url, directory }, say);
    printReport(report, say);
    if (chosen.out !== undefined) await writeFile(chosen.out, `${JSON.stringify(report, null, 1)}\n`);
    isWell = wrongs(report).length === 0;
    return isWell;
  } finally {
    await broker.stop();
    await postgres.stop();
    if (isWell) await rm(directory, { recursive: true, force: true });
    else say(`Logs are kept in ${directory}.`);
  }
}

function optionsOrExit(): FuzzOptions {
  try {
    const read = readOptions(process.argv.slice(2), randomInt(2 ** 31));
    if (read !== undefined) return read;
    say(USAGE);
    process.exit(0);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}
