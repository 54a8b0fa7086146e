import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchema, FILE_SETTINGS } from '#libs/config';
import { timescaleImage } from '#libs/services';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

interface Service {
  readonly image: string;
  readonly build?: { readonly target: string };
  readonly profiles: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly restart: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly 'x-secrets': readonly string[];
  readonly volumes: Readonly<Record<string, unknown>>;
}

const text = read('docker-compose.yml');
const dockerfile = read('Dockerfile');
const compose = parse(text, { merge: true }) as Compose;
const services = Object.entries(compose.services);
/** Names of the files below secrets/ that it can read. */
const secretsOf = ({ volumes = [] }: Service) =>
  volumes.flatMap((volume) =>
    compose['x-secrets'].includes(volume) ? [/^\.\/secrets\/(\w+):/.exec(volume)?.[1]] : [],
  );
const otherVolumesOf = ({ volumes = [] }: Service) =>
  volumes.filter((volume) => !compose['x-secrets'].includes(volume));
const inProfile = (profile: string) =>
  services.flatMap(([name, { profiles }]) => (profiles.includes(profile) ? name : []));

const CORE = ['secrets', 'timescaledb', 'mosquitto', 'api', 'ingest', 'control', 'monitor'];
const OBSERVE = ['grafana-login', 'grafana', 'prometheus'];

/** Read by Compose itself; docs/operations/install.md explains them. */
const OF_COMPOSE = /\$\{(FELINAR_[A-Z_]+)/g;
/** Of the simulator and of scripts/secrets.mjs, which have a command line otherwise. */
const OF_OTHERS = ['FELINAR_API_KEY', 'FELINAR_UID', 'FELINAR_GID'];

/** What a service lacks that others have, and why. */
const EXCUSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  readOnly: { timescaledb: 'its entry point writes in several places of its image' },
  user: {
    secrets: 'it gives what it makes to another user',
    timescaledb: 'its entry point begins as root and becomes the user postgres',
    prometheus: 'its image runs as nobody, and no secret is mounted',
  },
  health: {
    secrets: 'it ends when its work is done',
    'grafana-login': 'likewise',
    'simulator-key': 'likewise',
  },
  restart: { secrets: 'without them nothing can begin, which Compose is to say at once' },
};
const excused = (rule: string, service: string) => EXCUSED[rule]?.[service] !== undefined;

describe('docker-compose.yml', () => {
  it('follows the Compose specification', () => {
    const schema = JSON.parse(read('node_modules/dclint/schemas/compose.schema.json')) as { $schema?: string };
    // An address by which Ajv does not know its own dialect.
    delete schema.$schema;
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    expect(validate({ services: { api: { imagee: 'x' } } })).toBe(false);
    expect({ isValid: validate(parse(text, { merge: true })), errors: validate.errors }).toEqual({
      isValid: true,
      errors: null,
    });
  });

  it('brings the core, what observes it, and all of both with a simulated city', () => {
    expect(inProfile('core')).toEqual(CORE);
    expect(inProfile('observe')).toEqual(OBSERVE);
    expect(inProfile('sim').toSorted()).toEqual(
      [...CORE, ...OBSERVE, 'mailpit', 'simulator-key', 'simulator'].toSorted(),
    );
  });

  it.each(services)('%s waits for services that its profiles bring', (_name, service) => {
    for (const other of Object.keys(service.depends_on ?? {})) {
      // `observe` is given together with `core`.
      const brought = [
        ...(compose.services[other]?.profiles ?? []),
        ...(inProfile('core').includes(other) ? ['observe'] : []),
      ];
      expect(brought).toEqual(expect.arrayContaining([...service.profiles]));
    }
  });

  it.each(services)('%s has an image of one version', (_name, { image, build }) => {
    if (build !== undefined) expect(dockerfile).toMatch(new RegExp(`^FROM \\S+ AS ${build.target}$`, 'm'));
    else expect(image).toMatch(/^[a-z0-9./-]+:v?\d+\.\d+\.\d+[a-z0-9.-]*$/);
  });

  it('is built on images of one version', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    for (const base of bases) expect(base).toMatch(/:\d+(\.\d+)*(-[a-z-]+)?$/);
  });

  it('has the TimescaleDB that tests take where containers run', () => {
    for (const name of ['timescaledb', 'grafana-login']) expect(compose.services[name]?.image).toBe(timescaleImage);
  });

  it('has the Grafana that dashboards are held against', () => {
    const { version } = JSON.parse(read('node_modules/@grafana/schema/package.json')) as { version: string };
    expect(compose.services['grafana']?.image).toBe(`grafana/grafana:${version}`);
  });

  it('keeps Grafana from replacing the data sources of its image, which its read-only root would make it lose', () => {
    expect(compose.services['grafana']).toMatchObject({
      read_only: true,
      environment: { GF_PLUGINS_PREINSTALL_DISABLED: 'true', GF_PLUGINS_PREINSTALL_AUTO_UPDATE: 'false' },
    });
  });

  it.each(services)('%s may do as little as it can with', (name, service) => {
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    if (!excused('readOnly', name)) expect(service.read_only).toBe(true);
    if (!excused('user', name)) expect(service.user).toBe('${FELINAR_UID:-1000}:${FELINAR_GID:-1000}');
  });

  it.each(services)('%s is looked after', (name, { healthcheck, build, restart }) => {
    if (!excused('restart', name)) expect(['unless-stopped', 'on-failure']).toContain(restart);
    if (excused('health', name) || healthcheck !== undefined) return;
    const stage = dockerfile.slice(dockerfile.indexOf(` AS ${build?.target}\n`)).split('\nFROM ')[0];
    expect(stage).toContain('\nHEALTHCHECK ');
  });

  it.each(services)('%s has no password in its settings, and every secret that it reads', (_name, service) => {
    for (const [variable, value] of Object.entries(service.environment ?? {})) {
      if (!/(PASSWORD|SECRET|KEY|SMTP_URL)(_|$)/.test(variable)) continue;
      expect(value).toMatch(/^\/(run\/secrets\/[a-z_]+|var\/lib\/felinar\/simulator\/api-key)$/);
    }
    expect(JSON.stringify(service)).not.toMatch(/:\/\/[^/@:\s]*:[^/@\s]+@/);
    const named = [...JSON.stringify(service).matchAll(/\/run\/secrets\/([a-z_]+)/g)].map(([, name]) => name);
    expect(secretsOf(service)).toEqual(expect.arrayContaining([...new Set(named)]));
  });

  it.each(services)('%s waits for whoever makes its secrets', (name, service) => {
    const waitsFor = (each: string): boolean => {
      const before = Object.keys(compose.services[each]?.depends_on ?? {});
      return before.includes('secrets') || before.some(waitsFor);
    };
    if (secretsOf(service).length > 0) expect({ name, waits: waitsFor(name) }).toEqual({ name, waits: true });
  });

  it.each(services)('%s mounts what the repository has', (name, service) => {
    for (const volume of otherVolumesOf(service)) {
      if (name === 'secrets') continue;
      const [source = '', , mode] = volume.split(':');
      if (!source.startsWith('.')) expect(compose.volumes).toHaveProperty(source);
      else
        expect({ source, isThere: existsSync(join(ROOT, source)), mode }).toEqual({
          source,
          isThere: true,
          mode: 'ro',
        });
    }
  });

  it.each(services)(
    '%s is told what there is to be told, and listens to this machine only, but for devices',
    (name, service) => {
      for (const variable of Object.keys(service.environment ?? {}).filter((each) => each.startsWith('FELINAR_'))) {
        const setting = variable.replace(/_FILE$/, '');
        const isFile = setting !== variable;
        const known = [...(isFile ? FILE_SETTINGS : Object.keys(configSchema.shape)), ...OF_OTHERS];
        expect(known).toContain(setting);
      }
      for (const port of service.ports ?? [])
        if (name !== 'mosquitto') expect(port).toMatch(/^(127\.0\.0\.1|\$\{FELINAR_[A-Z]+_BIND:-127\.0\.0\.1\}):/);
    },
  );

  it.each(compose['x-secrets'])('mounts %s under the name that it has', (volume) => {
    const [source = '', target, mode] = volume.split(':');
    expect({ target, mode }).toEqual({ target: `/run/${source.replace('./', '')}`, mode: 'ro' });
  });

  it('takes from the environment what the installation page explains', () => {
    const page = read('docs/operations/install.md');
    for (const [, variable] of text.matchAll(OF_COMPOSE)) expect(page).toContain(`\`${variable}\``);
  });
});

describe('what the image needs', () => {
  it.each(
    services.flatMap(([name, { command }]) => (command?.[0] === 'node' ? [[name, command]] : [])) as [
      string,
      string[],
    ][],
  )('the program of %s is one that is built', (_name, command) => {
    const program = command.find((word) => word.startsWith('dist/')) ?? '';
    expect(existsSync(join(ROOT, program.replace('dist/', '').replace(/\.js$/, '.ts')))).toBe(true);
  });

  it('is not left out of the build', () => {
    const ignored = read('.dockerignore').split('\n');
    for (const [, source = ''] of dockerfile.matchAll(/^COPY (?!--from)(?:--chmod=\d+ )?(.*) \S+$/gm))
      for (const path of source.split(' ').filter((each) => each !== '.')) {
        expect(existsSync(join(ROOT, path))).toBe(true);
        expect(ignored).not.toContain(path.split('/')[0]);
      }
  });
});
