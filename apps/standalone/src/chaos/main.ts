/** npm run test:chaos: kills, freezes and cuts while a simulated city is at work, and the books afterwards (docs/durability.md). */
import { writeFile } from 'node:fs/promises';
import { readOptions, USAGE, type ChaosOptions } from './options.js';
import { printReport } from './report.js';
import { runChaos } from './run-chaos.js';

const say = (line: string) => console.log(line);
const options = optionsOrExit();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
try {
  const report = await runChaos(options, say);
  printReport(report, say);
  if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(report, null, 1)}\n`);
  process.exit(report.balances ? 0 : 1);
} catch (error) {
  console.error(error);
  process.exit(2);
}

function optionsOrExit(): ChaosOptions {
  try {
    const read = readOptions(process.argv.slice(2));
    if (read !== undefined) return read;
    say(USAGE);
    process.exit(0);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}
