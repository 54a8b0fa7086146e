/**
 * Runs before `npm start` and `npm test`, with whatever Node there is and without dependencies: installs the packages when they
 * are missing or older than the lock file, and builds when a source is newer than the build.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = [
  'apps',
  'libs',
  'simulators',
  'dashboards/src',
  'nest-cli.json',
  'tsconfig.json',
  '.swcrc',
  'package.json',
];
/** Has Argon2 in node:crypto. */
const OLDEST_NODE = [24, 7];

const lockStamp = join(root, 'node_modules', '.felinar-installed');
const buildStamp = join(root, 'dist', '.felinar-built');

await installIfStale();
checkNode();
await buildIfStale();

async function installIfStale() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(lockStamp) && readFileSync(lockStamp, 'utf8') === wanted) return;
  await run('Installing the packages (about a minute)', 'npm', ['ci', '--include=dev', '--no-audit', '--no-fund']);
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(lockStamp, wanted);
}

/** The package `node` brings our own; `npm run` then finds it first, unless its install script was not allowed to run. */
function checkNode() {
  const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const [major, minor] = process.versions.node.split('.').map(Number);
  const isNew = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  if (existsSync(own) || isNew) return;
  fail(
    `Felinar needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.version}, and the one that the packages bring was not installed.\n` +
      'Allow install scripts (npm config delete ignore-scripts), delete node_modules and try again, or install a newer Node.',
  );
}

async function buildIfStale() {
  const builtMs = existsSync(buildStamp) ? statSync(buildStamp).mtimeMs : 0;
  if (builtMs > newestMs()) return;
  await run('Building', 'nest', ['build', '--all']);
  writeFileSync(buildStamp, '');
}

function newestMs() {
  let newest = statSync(lockStamp).mtimeMs;
  for (const source of SOURCES) {
    const path = join(root, source);
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, withFileTypes: true }).map((entry) => join(entry.parentPath, entry.name))
      : [path];
    for (const file of files) newest = Math.max(newest, statSync(file).mtimeMs);
  }
  return newest;
}

function run(title, command, args) {
  const startedMs = Date.now();
  const seconds = () => Math.round((Date.now() - startedMs) / 1000);
  console.log(`${title} …`);
  const output = [];
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, PATH: path },
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const ticker = setInterval(() => console.log(`  … ${seconds()} s`), 10_000);
  return new Promise((resolve) => {
    child.on('error', (error) => fail(`${command} could not be started: ${error.message}`));
    child.on('close', (code) => {
      clearInterval(ticker);
      if (code !== 0)
        fail(`${Buffer.concat(output)}\n${title}: \`${command} ${args.join(' ')}\` ended with ${code}; see above.`);
      console.log(`${title}: done in ${seconds()} s.`);
      resolve(undefined);
    });
  });
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
