/**
 * Makes what docker-compose.yml mounts as secrets, each a file of its own below secrets/, readable by their owner only. What is there is
 * left alone, so it may be run again; --help says the rest. Runs by itself in the service `secrets` whenever Compose brings Felinar up, and
 * by `npm run secrets` where Node and openssl are.
 */
import { execFileSync } from 'node:child_process';
import { pbkdf2Sync, randomBytes, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** How it was called, and is to be called again. */
const COMMAND = process.env.npm_lifecycle_event ? 'npm run secrets --' : 'docker compose run --rm secrets';
const USAGE = `docker compose run --rm secrets [options]     or     npm run secrets [-- options]

  --host NAME             a name or address under which devices reach the broker, for its certificate; may be repeated (localhost)
  --directory DIRECTORY   where they go (secrets)
  --smtp                  reads the mail server for alerts, such as smtps://user:secret@mail.example.org, from standard input: it has a
                          password, which must not stand in a command; restart monitor afterwards
  --renew-certificate     a new certificate of the broker by the same authority, for the names of the old one unless --host is given;
                          the broker takes it within seconds
  --rotate-mqtt           new passwords for Felinar's own processes at the broker; restart ingest and control afterwards
  --help                  this text`;

/** Random secrets, by file name. */
const RANDOM = ['postgres_password', 'grafana_admin_password', 'grafana_database_password', 'link_secret'];
/** Felinar's own users at the broker: those of libs/protocol/src/broker-acl.ts. */
const MQTT_USERS = ['ingest', 'control', 'health'];
const AUTHORITY_DAYS = 3650;
const CERTIFICATE_DAYS = 825;
/** Less than this before a certificate ends it is time to act. */
const WARN_BEFORE_DAYS = 60;
/** The simulated city's mail server, which delivers to nobody. */
const DEVELOPMENT_SMTP = 'smtp://mailpit:1025';
/** When a certificate ends soon. */
const WHAT_TO_DO = {
  mqtt_server_certificate: `renew it by ${COMMAND} --renew-certificate`,
  mqtt_ca_certificate: 'every device needs another authority before that (docs/operations/broker.md)',
};
/** Whom the containers run as, and so whose the secrets are, where root makes them. */
const CONTAINER_UID = Number(process.env.FELINAR_UID || 1000);
const CONTAINER_GID = Number(process.env.FELINAR_GID || 1000);

const options = read();
const directory = resolve(options.directory);
const asRoot = process.getuid?.() === 0;
mkdirSync(directory, { recursive: true, mode: 0o700 });
if (asRoot) own(directory, 0o700);
const made = [];

for (const name of RANDOM) if (!has(name)) put(name, password());
mailServer();
mqttPasswords();
certificates();
noteUser();
console.log(
  made.length === 0
    ? `${options.directory}/: everything is there.`
    : `${options.directory}/: made ${made.join(', ')}. Keep a copy where your passwords are, and none in version control.`,
);
for (const name of ['mqtt_server_certificate', 'mqtt_ca_certificate']) sayWhenItEnds(name);

function read() {
  try {
    const { values } = parseArgs({
      options: {
        host: { type: 'string', multiple: true, default: [] },
        directory: { type: 'string', default: 'secrets' },
        smtp: { type: 'boolean', default: false },
        'renew-certificate': { type: 'boolean', default: false },
        'rotate-mqtt': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return values;
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

function has(name) {
  return statSync(join(directory, name), { throwIfNoEntry: false })?.isFile() ?? false;
}

/**
 * Written whole before it takes the place of another. A file that is there stays the same file: a container keeps the one that it was
 * started with, and would never see what is moved into its place.
 */
function put(name, text) {
  const path = join(directory, name);
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  if (asRoot) own(`${path}.new`, 0o600);
  if (has(name)) {
    copyFileSync(`${path}.new`, path);
    rmSync(`${path}.new`);
  } else {
    // An engine makes an empty directory of what it is to mount and does not find.
    if (existsSync(path)) rmdirSync(path);
    renameSync(`${path}.new`, path);
  }
  made.push(name);
}

function own(path, mode) {
  chownSync(path, CONTAINER_UID, CONTAINER_GID);
  chmodSync(path, mode);
}

/** 256 random bits. */
function password() {
  return randomBytes(32).toString('base64url');
}

function mailServer() {
  if (options.smtp) put('smtp_url', smtpUrlFromInput());
  else if (!has('smtp_url')) put('smtp_url', DEVELOPMENT_SMTP);
  if (readFileSync(join(directory, 'smtp_url'), 'utf8').trim() === DEVELOPMENT_SMTP)
    console.log(`Mail goes to the simulated city’s mailbox only. For a city: ${COMMAND} --smtp`);
}

function smtpUrlFromInput() {
  if (process.stdin.isTTY)
    console.log('The mail server, such as smtps://user:secret@mail.example.org, then Enter and Ctrl-D:');
  const text = readFileSync(0, 'utf8').trim();
  if (/^smtps?:\/\/\S+$/.test(text) && URL.canParse(text)) return text;
  console.error('--smtp wants a URL on standard input, such as smtps://user:secret@mail.example.org');
  process.exit(2);
}

function mqttPasswords() {
  let isNew = !has('mqtt_own_passwords');
  for (const user of MQTT_USERS) {
    if (has(`mqtt_${user}_password`) && !options['rotate-mqtt']) continue;
    put(`mqtt_${user}_password`, password());
    isNew = true;
  }
  if (!isNew) return;
  const lines = MQTT_USERS.map(
    (user) => `felinar-${user}:${mosquittoHash(readFileSync(join(directory, `mqtt_${user}_password`), 'utf8'))}\n`,
  );
  put('mqtt_own_passwords', lines.join(''));
}

/** As libs/storage does it for devices (broker/broker-password.ts); here without dependencies, since this runs before anything is installed. */
function mosquittoHash(plain) {
  const salt = randomBytes(12);
  return `$7$101$${salt.toString('base64')}$${pbkdf2Sync(plain, salt, 101, 64, 'sha512').toString('base64')}`;
}

function certificates() {
  if (has('mqtt_server_certificate') && !options['renew-certificate']) return;
  const work = mkdtempSync(join(directory, '.work-'));
  const openssl = (...args) => {
    try {
      execFileSync('openssl', args, { cwd: work, stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      throw new Error(
        error.code === 'ENOENT'
          ? 'openssl is needed for the certificates: install it and run this again'
          : `openssl ${args[0]}: ${error.stderr}`,
      );
    }
  };
  const newKey = (file) => openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', file);
  try {
    if (!has('mqtt_ca_certificate')) {
      newKey('ca.key');
      writeFileSync(
        join(work, 'ca.cnf'),
        '[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=ca\n[dn]\nCN=Felinar MQTT authority\n[ca]\nbasicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n',
      );
      openssl(
        'req',
        '-x509',
        '-new',
        '-key',
        'ca.key',
        '-sha256',
        '-days',
        String(AUTHORITY_DAYS),
        '-config',
        'ca.cnf',
        '-out',
        'ca.crt',
      );
      put('mqtt_ca_key', readFileSync(join(work, 'ca.key'), 'utf8'));
      put('mqtt_ca_certificate', readFileSync(join(work, 'ca.crt'), 'utf8'));
    }
    // `mosquitto` is its name in the closed network of docker-compose.yml.
    const named = options.host.length > 0 ? options.host : namesOfCertificate();
    const hosts = [...new Set([...named, 'mosquitto', 'localhost', '127.0.0.1'])];
    const names = hosts.map((host) => `${isIP(host) ? 'IP' : 'DNS'}:${host}`).join(',');
    newKey('server.key');
    writeFileSync(
      join(work, 'server.cnf'),
      `[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=${hosts[0].slice(0, 64)}\n[server]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=${names}\n`,
    );
    openssl('req', '-new', '-key', 'server.key', '-sha256', '-config', 'server.cnf', '-out', 'server.csr');
    openssl(
      ...['x509', '-req', '-in', 'server.csr', '-sha256', '-days', String(CERTIFICATE_DAYS)],
      ...['-set_serial', `0x${randomBytes(16).toString('hex').replace(/^./, '1')}`],
      ...['-CA', join(directory, 'mqtt_ca_certificate'), '-CAkey', join(directory, 'mqtt_ca_key')],
      ...['-extfile', 'server.cnf', '-extensions', 'server', '-out', 'server.crt'],
    );
    put('mqtt_server_key', readFileSync(join(work, 'server.key'), 'utf8'));
    put('mqtt_server_certificate', readFileSync(join(work, 'server.crt'), 'utf8'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function certificate(name) {
  return new X509Certificate(readFileSync(join(directory, name)));
}

/** Under which the broker is reached as it is. */
function namesOfCertificate() {
  if (!has('mqtt_server_certificate')) return [];
  const names = certificate('mqtt_server_certificate').subjectAltName ?? '';
  return names.split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
}

function sayWhenItEnds(name) {
  const end = new Date(certificate(name).validTo);
  const days = Math.floor((end.getTime() - Date.now()) / 86_400_000);
  const until = `${name} ${days < 0 ? 'ended on' : 'holds until'} ${end.toISOString().slice(0, 10)}`;
  if (days >= WARN_BEFORE_DAYS) console.log(`${until}.`);
  else console.warn(`${until}: ${WHAT_TO_DO[name]}.`);
}

/** Containers run as whoever owns the secrets, and must not be root. */
function noteUser() {
  const uid = process.getuid?.() ?? CONTAINER_UID;
  if (uid === CONTAINER_UID || asRoot || options.directory !== 'secrets') return;
  const file = '.env';
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (/^FELINAR_UID=/m.test(text)) return;
  writeFileSync(
    file,
    `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}FELINAR_UID=${uid}\nFELINAR_GID=${process.getgid()}\n`,
  );
  console.log('.env: containers run as you (FELINAR_UID, FELINAR_GID).');
}
