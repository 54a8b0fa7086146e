import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..', '..');

interface Compose {
  readonly 'x-secrets': readonly string[];
}

describe('npm run secrets', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'felinar-secrets-'));
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const make = (options: string[] = [], input = '') => {
    // As in a container, not by npm.
    const { npm_lifecycle_event: _npm, ...env } = process.env;
    const argv = ['scripts/secrets.mjs', '--directory', directory, ...options];
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: ROOT, input, encoding: 'utf8', env });
    return { status, said: stdout + stderr };
  };
  const contents = () =>
    Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]));
  const certificate = () => new X509Certificate(readFileSync(join(directory, 'mqtt_server_certificate')));

  it('makes every file that docker-compose.yml reads, each readable by its owner only', () => {
    expect(make().status).toBe(0);
    const { 'x-secrets': mounts } = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')) as Compose;
    const wanted = mounts.map((mount) => /^\.\/secrets\/(\w+):/.exec(mount)?.[1]);
    expect(readdirSync(directory)).toEqual(expect.arrayContaining(wanted));
    for (const name of readdirSync(directory))
      expect({ name, mode: statSync(join(directory, name)).mode & 0o777 }).toEqual({ name, mode: 0o600 });
    for (const [name, text] of Object.entries(contents()).filter(([name]) => /(password|secret)$/.test(name)))
      expect({ name, isLong: text.length >= 43 }).toEqual({ name, isLong: true });
  });

  it('leaves alone what is there', () => {
    make();
    const before = contents();
    expect(make().said).toContain('everything is there');
    expect(contents()).toEqual(before);
  });

  it('says until when certificates hold, and what to do when that is soon', () => {
    expect(make().said).toMatch(
      /mqtt_server_certificate holds until \d{4}-\d\d-\d\d\.\nmqtt_ca_certificate holds until/,
    );
    const soon = [
      'x509',
      '-req',
      '-days',
      '20',
      '-set_serial',
      '7',
      '-out',
      join(directory, 'mqtt_server_certificate'),
    ];
    const request = execFileSync('openssl', [
      ...['req', '-new', '-key', join(directory, 'mqtt_server_key'), '-subj', '/CN=broker.example.org'],
    ]);
    const authority = ['-CA', join(directory, 'mqtt_ca_certificate'), '-CAkey', join(directory, 'mqtt_ca_key')];
    execFileSync('openssl', [...soon, ...authority], { input: request, stdio: ['pipe', 'pipe', 'ignore'] });
    expect(make().said).toMatch(
      /mqtt_server_certificate holds until \S+: renew it by docker compose run .* --renew-cert/,
    );
  });

  it('renews the certificate for the names that it had, by the same authority and with another key', () => {
    make(['--host', 'broker.example.org', '--host', '192.0.2.7']);
    const [before, names] = [contents(), certificate().subjectAltName];
    expect(names).toContain('DNS:broker.example.org');
    expect(names).toContain('IP Address:192.0.2.7');
    expect(make(['--renew-certificate']).status).toBe(0);
    expect(certificate().subjectAltName).toBe(names);
    expect(contents()['mqtt_server_key']).not.toBe(before['mqtt_server_key']);
    expect(contents()['mqtt_ca_certificate']).toBe(before['mqtt_ca_certificate']);
    expect(certificate().verify(new X509Certificate(before['mqtt_ca_certificate'] ?? '').publicKey)).toBe(true);
  });

  it('changes a file without making another of it, since a container keeps the one that it was started with', () => {
    make();
    const file = (name: string) => statSync(join(directory, name)).ino;
    const names = ['mqtt_server_certificate', 'mqtt_server_key', 'mqtt_own_passwords', 'smtp_url'];
    const [before, files] = [contents(), names.map(file)];
    expect(make(['--renew-certificate', '--rotate-mqtt']).status).toBe(0);
    expect(make(['--smtp'], 'smtps://felinar:pass@mail.example.org\n').status).toBe(0);
    for (const name of names) expect(contents()[name]).not.toBe(before[name]);
    expect(names.map(file)).toEqual(files);
    expect(readdirSync(directory).toSorted()).toEqual(Object.keys(before).toSorted());
  });

  it('puts a file where an engine has made a directory of what it did not find', () => {
    mkdirSync(join(directory, 'link_secret'));
    expect(make().status).toBe(0);
    expect(contents()['link_secret']).toHaveLength(43);
  });

  it('takes the mail server from standard input, and nothing that is none', () => {
    expect(make().said).toContain('For a city: docker compose run --rm secrets --smtp');
    expect(make(['--smtp'], 'smtps://felinar:pass@mail.example.org\n').status).toBe(0);
    expect(contents()['smtp_url']).toBe('smtps://felinar:pass@mail.example.org');
    expect(make().said).not.toContain('For a city');
    expect(make(['--smtp'], 'mail.example.org\n')).toMatchObject({ status: 2 });
    expect(contents()['smtp_url']).toBe('smtps://felinar:pass@mail.example.org');
  });
});
