/**
 * `npm run check:compose`: the whole of docker-compose.yml on a container engine, as an administrator has it, from a fresh clone over a
 * simulated city, a first sign-in, a mail and a renewed certificate to a backup that is restored into an empty server. A copy of the
 * checkout, a project, ports and volumes of its own; --help says the rest. Ends with 0 when every line holds, 1 when one does not, 2 when
 * it could not be run.
 */
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { parseArgs, promisify } from 'node:util';

const USAGE = `npm run check:compose [-- options]

  --lamps N   lamps of the simulated city (200)
  --keep      leave everything running at the end, and say where
  --help      this text

Wanted: an engine that answers \`docker info\`, and Compose 2.20 or newer. Images that are not there and cannot be had are left out and said.`;
const PROFILE = ['--profile', 'sim'];
/** What may be missing: Felinar works without. */
const OPTIONAL_IMAGES = ['grafana', 'prometheus', 'mailpit'];
const OWN = ['api', 'ingest', 'control', 'monitor'];
const ENDS = ['secrets', 'grafana-login', 'simulator-key'];
const UP_WITHIN_S = 300;
const CONNECTED_WITHIN_S = 180;
/** Felinar's processes drain in less (docs/operations/upgrades.md); Compose kills after 15 s. */
const STOP_WITHIN_S = 10;

const { values } = parseArgs({
  options: {
    lamps: { type: 'string', default: '200' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const say = (line) => console.log(line);
const results = [];
const fails = [];
const run = promisify(execFile);
if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status !== 0)
  stop('No container engine answers `docker info`: start one, or look who may use it.');
if (spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status !== 0)
  stop('`docker compose` is missing: install the Compose plugin.');

const directory = copyOfCheckout();
const ports = Object.fromEntries(
  await Promise.all(
    ['MQTT', 'API', 'GRAFANA', 'MAILPIT'].map(async (name) => [`FELINAR_${name}_PORT`, await freePort()]),
  ),
);
const environment = {
  ...process.env,
  ...ports,
  COMPOSE_PROJECT_NAME: `felinar-check-${process.pid}`,
  FELINAR_VERSION: 'check',
  FELINAR_SIMULATED_LAMPS: values.lamps,
  FELINAR_SIMULATED_INTERVAL_S: '30',
  // Whoever runs this takes secrets/ away again at the end.
  ...(process.getuid?.() ? { FELINAR_UID: String(process.getuid()), FELINAR_GID: String(process.getgid()) } : {}),
};
const api = `http://127.0.0.1:${ports.FELINAR_API_PORT}/api/v1`;
try {
  await compose('config', '--quiet');
  passed('docker compose config', 'valid');
  const services = await servicesToRun();
  await timed('images build', () => compose(...PROFILE, 'build', '--quiet'));
  await timed('everything is up and well', () => up(services));
  await rights(services);
  const password = await signIn();
  await cityComesIn(password);
  if (services.includes('prometheus')) await prometheus();
  if (services.includes('grafana')) await grafana();
  if (services.includes('mailpit')) await mail(password);
  await certificate();
  const before = await facts();
  await timed('backup', () => program('node', ['scripts/backup.mjs', '--compose']));
  await stopping();
  await compose(...PROFILE, 'down');
  await program('docker', ['volume', 'rm', `${environment.COMPOSE_PROJECT_NAME}_database`]);
  await compose(...PROFILE, 'up', '--detach', '--no-build', '--wait', 'timescaledb');
  const [backup] = readdirSync(join(directory, 'backups'));
  await timed('restore into an empty server', () =>
    program('node', ['scripts/restore.mjs', join('backups', backup), '--compose']),
  );
  const after = await facts();
  check(
    'the restored database',
    after.readings >= before.readings && after.lamps === before.lamps,
    `${after.lamps} lamps, ${after.readings} readings`,
  );
  await timed('everything is up and well again', () => up(services));
  await until('readings come in again', CONNECTED_WITHIN_S, async () => {
    const { readings } = await facts();
    return readings > after.readings && `${readings} readings`;
  });
} catch (error) {
  failed('stopped', error.stderr || error.message);
  const { stdout } = await compose(...PROFILE, 'logs', '--no-color', '--tail', '15').catch(() => ({ stdout: '' }));
  say(stdout);
} finally {
  if (values.keep)
    say(
      `It runs as ${environment.COMPOSE_PROJECT_NAME} from ${directory}: docker compose --profile sim down --volumes there ends it.`,
    );
  else {
    await compose(...PROFILE, 'down', '--volumes', '--timeout', '5').catch(() => undefined);
    await program('docker', ['image', 'rm', 'felinar:check', 'felinar-broker:check', 'felinar-secrets:check']).catch(
      () => undefined,
    );
    rmSync(directory, { recursive: true, force: true });
  }
}
say(
  `\n${results.length - fails.length} of ${results.length} lines hold.${fails.length > 0 ? ` Not: ${fails.join(', ')}.` : ''}`,
);
process.exit(fails.length > 0 ? 1 : 0);

/** What git has and what is new, without secrets, packages and builds. */
function copyOfCheckout() {
  const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    encoding: 'utf8',
  });
  if (listed.status !== 0) stop('git cannot list the files of this checkout: run it at the top of one.');
  const copy = mkdtempSync(join(tmpdir(), 'felinar-compose-'));
  for (const file of listed.stdout
    .split('\0')
    .filter((name) => name !== '' && statSync(name, { throwIfNoEntry: false }))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(file, join(copy, file));
  }
  return copy;
}

/** Without those whose image is neither here nor to be had. */
async function servicesToRun() {
  const { stdout } = await compose(...PROFILE, 'config', '--format', 'json');
  const services = [];
  for (const [name, { image, build }] of Object.entries(JSON.parse(stdout).services)) {
    const isHere =
      build !== undefined ||
      spawnSync('docker', ['image', 'inspect', image], { stdio: 'ignore' }).status === 0 ||
      spawnSync('docker', ['pull', '--quiet', image], { stdio: 'ignore' }).status === 0;
    if (isHere) services.push(name);
    else if (OPTIONAL_IMAGES.includes(name)) say(`NOT CHECKED  ${name}: ${image} cannot be had here`);
    else throw new Error(`${image} cannot be had here: pull it, or load it from an archive (docker load).`);
  }
  return services;
}

async function up(services) {
  await compose(...PROFILE, 'up', '--detach', '--no-build', ...services);
  const deadline = Date.now() + UP_WITHIN_S * 1000;
  for (;;) {
    const states = await stateOf();
    const unwell = services.filter((name) => {
      const state = states.get(name);
      return ENDS.includes(name) ? state?.State !== 'exited' || state.ExitCode !== 0 : state?.Health !== 'healthy';
    });
    if (unwell.length === 0) return `${services.length} services`;
    if (Date.now() > deadline)
      throw new Error(
        `not well after ${UP_WITHIN_S} s: ${unwell.map((name) => `${name} ${states.get(name)?.Status}`).join(', ')}`,
      );
    await sleep(1000);
  }
}

async function stateOf() {
  const { stdout } = await compose(...PROFILE, 'ps', '--all', '--format', 'json');
  return new Map(
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .map((each) => [each.Service, each]),
  );
}

/** Nobody is root or may write into his image, but the database, whose entry point is. */
async function rights(services) {
  const bad = [];
  for (const name of services.filter((each) => !ENDS.includes(each) && !['timescaledb', 'mailpit'].includes(each))) {
    const shell = 'id -u; if touch /written 2>/dev/null; then echo written; else echo refused; fi';
    const { stdout } = await compose('exec', '-T', name, 'sh', '-c', shell);
    const [uid, writing] = stdout.trim().split('\n');
    if (uid === '0' || writing !== 'refused') bad.push(`${name}: user ${uid}, writing into its image ${writing}`);
  }
  check('nobody is root or writes into his image', bad.length === 0, bad.join('; ') || 'the database apart');
}

/** The first user's temporary password is in the log, once; he has to choose another. Returns that one. */
async function signIn() {
  const { stdout } = await compose('logs', '--no-log-prefix', '--no-color', 'api');
  const temporary = /password[: ]+(\S+)\n/i.exec(stdout)?.[1];
  if (temporary === undefined) throw new Error('no temporary password of the first user in the log of api');
  const password = 'a lamp post every forty metres';
  const session = await call('POST', '/sessions', { username: 'admin', password: temporary });
  await call('PUT', '/me/password', { currentPassword: temporary, newPassword: password }, session.accessToken);
  passed('first sign-in', 'the temporary password of the log, then one of our own');
  return password;
}

async function token(password) {
  return (await call('POST', '/sessions', { username: 'admin', password })).accessToken;
}

async function cityComesIn(password) {
  await until('every lamp reports', CONNECTED_WITHIN_S, async () => {
    const { lamps, reporting } = await facts();
    return lamps === Number(values.lamps) && reporting === lamps && `${reporting} of ${lamps}`;
  });
  const site = (await call('GET', '/sites', undefined, await token(password))).items[0];
  const states = await call('GET', `/sites/${site.address}/lamp-states?limit=1`, undefined, await token(password));
  check('the API shows the newest readings', states.items.length === 1, `of ${site.name}`);
  const { edition, version } = await facts();
  check('TimescaleDB', edition === 'timescale', `${version}, licence ${edition}`);
}

async function prometheus() {
  const ask = async (path) => {
    const { stdout } = await compose(
      'exec',
      '-T',
      'prometheus',
      'wget',
      '-qO-',
      `http://127.0.0.1:9090/api/v1/${path}`,
    );
    return JSON.parse(stdout).data;
  };
  await until('Prometheus reads every process', 60, async () => {
    const { activeTargets } = await ask('targets');
    return (
      activeTargets.length === OWN.length &&
      activeTargets.every(({ health }) => health === 'up') &&
      `${activeTargets.length} targets`
    );
  });
  await until('its rules are loaded and sound', 60, async () => {
    const rules = (await ask('rules')).groups.flatMap((group) => group.rules);
    return rules.length > 0 && rules.every(({ health }) => health === 'ok') && `${rules.length} rules`;
  });
}

/** What it was given by files: the password, both data sources, every dashboard. */
async function grafana() {
  const password = readFileSync(join(directory, 'secrets', 'grafana_admin_password'), 'utf8');
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
  const ask = async (path) => {
    const answer = await fetch(`http://127.0.0.1:${ports.FELINAR_GRAFANA_PORT}/api/${path}`, {
      headers: { authorization },
    });
    return answer.ok ? answer.json() : undefined;
  };
  for (const uid of ['felinar-timescale', 'felinar-prometheus'])
    await until(`Grafana reaches ${uid}`, 60, async () => {
      const health = await ask(`datasources/uid/${uid}/health`);
      return health?.status === 'OK' && health.message;
    });
  const folder = join(directory, 'dashboards', 'json');
  const wanted = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')).uid);
  await until('Grafana has every dashboard', 60, async () => {
    const found = ((await ask('search?type=dash-db&limit=100')) ?? []).map(({ uid }) => uid);
    return wanted.every((uid) => found.includes(uid)) && `${wanted.length} dashboards`;
  });
}

async function mail(password) {
  const bearer = await token(password);
  const site = (await call('GET', '/sites', undefined, bearer)).items[0].address;
  const crew = `/sites/${site}/crews`;
  await call('POST', crew, { address: 'CHECK', name: 'Check' }, bearer);
  const channel = await call('POST', `${crew}/CHECK/channels`, { kind: 'email', target: 'crew@example.org' }, bearer);
  await call('POST', `${crew}/CHECK/channels/${channel.id}/test`, undefined, bearer);
  await until('a test message reaches the mailbox', 60, async () => {
    const answer = await fetch(`http://127.0.0.1:${ports.FELINAR_MAILPIT_PORT}/api/v1/messages`);
    const { messages } = await answer.json();
    return messages.length > 0 && messages[0].Subject;
  });
}

/** A new one has to reach devices without a restart. */
async function certificate() {
  const names = () =>
    new Promise((resolve, reject) => {
      const socket = connect({ port: ports.FELINAR_MQTT_PORT, host: 'localhost', rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().subjectaltname ?? '');
        socket.destroy();
      }).once('error', reject);
    });
  await compose('run', '--rm', 'secrets', '--renew-certificate', '--host', 'broker.example.org');
  await until('devices see a renewed certificate', 30, async () => {
    const seen = await names();
    return seen.includes('DNS:broker.example.org') && seen;
  });
}

async function stopping() {
  for (const name of OWN) {
    const startedMs = performance.now();
    await compose('stop', name);
    const seconds = (performance.now() - startedMs) / 1000;
    const { ExitCode: code } = (await stateOf()).get(name);
    check(
      `${name} stops by itself`,
      seconds < STOP_WITHIN_S && code === 0,
      `exit ${code} after ${seconds.toFixed(1)} s`,
    );
  }
}

async function facts() {
  const query = `SELECT json_build_object(
    'lamps', (SELECT count(*) FROM lamp), 'readings', (SELECT count(*) FROM telemetry),
    'reporting', (SELECT count(*) FROM lamp_state), 'edition', current_setting('timescaledb.license'),
    'version', (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'))`;
  const { stdout } = await compose(
    'exec',
    '-T',
    'timescaledb',
    'psql',
    '-U',
    'felinar',
    '-d',
    'felinar',
    '-Atc',
    query,
  );
  return JSON.parse(stdout);
}

async function call(method, path, body, bearer) {
  const answer = await fetch(`${api}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} was answered by ${answer.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

function compose(...words) {
  return program('docker', ['compose', ...words]);
}

function program(name, words) {
  return run(name, words, { cwd: directory, env: environment, maxBuffer: 64 * 2 ** 20 });
}

/** Asks until there is an answer, which goes into the report. */
async function until(what, withinS, ask) {
  const startedMs = Date.now();
  while (Date.now() - startedMs < withinS * 1000) {
    const answer = await ask();
    if (answer) return passed(what, `${answer}, after ${Math.round((Date.now() - startedMs) / 1000)} s`);
    await sleep(1000);
  }
  failed(what, `not within ${withinS} s`);
}

async function timed(what, work) {
  const startedMs = performance.now();
  const answer = await work();
  const seconds = `${Math.round((performance.now() - startedMs) / 1000)} s`;
  passed(what, typeof answer === 'string' ? `${answer}, ${seconds}` : seconds);
}

function check(what, holds, detail) {
  if (holds) passed(what, detail);
  else failed(what, detail);
}

function passed(what, detail) {
  results.push(what);
  say(`holds        ${what}: ${detail}`);
}

function failed(what, detail) {
  results.push(what);
  fails.push(what);
  say(`DOES NOT     ${what}: ${detail}`);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function stop(message) {
  console.error(message);
  process.exit(2);
}
