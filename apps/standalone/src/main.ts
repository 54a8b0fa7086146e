import 'reflect-metadata';
import { readCommandLine, USAGE, type StandaloneOptions } from './command-line.js';
import { startStandalone, type Standalone } from './standalone.js';

/** `npm start`. */
const say = (line: string) => console.log(line);
let running: Standalone | undefined;
let isStopping = false;

const options = optionsOrExit();
process.on('SIGINT', () => void stop());
process.on('SIGTERM', () => void stop());
process.on('SIGHUP', () => void stop());
try {
  running = await startStandalone(options, process.env, say);
  if (isStopping) await shutDown();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

function optionsOrExit(): StandaloneOptions {
  try {
    const read = readCommandLine(process.argv.slice(2));
    if (!read.help) return read;
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}

/** The first Ctrl-C stops in order; npm and the terminal may both pass it on, so a second one soon after is the same. */
async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  say('\nStopping …');
  // Still starting: it is stopped as soon as it has started, so that nothing is left half done.
  if (running !== undefined) await shutDown();
}

async function shutDown(): Promise<void> {
  await running?.stop();
  say('Stopped. Nothing is left running.');
  process.exit(0);
}
