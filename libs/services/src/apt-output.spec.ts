import { describe, expect, it } from '@jest/globals';
import {
  debianArchives,
  neededPackages,
  newestTimescaleMajor,
  osReleaseValue,
  parseIndexTargets,
  parsePackageFiles,
} from './apt-output.js';

const mirror = 'http://mirror.example/debian/';
const security = 'http://mirror.example/debian-security/';

describe('parseIndexTargets', () => {
  it('reads package indexes and skips other kinds', () => {
    const output = `${mirror}|bookworm|main|Debian|Packages\n${mirror}|bookworm|main|Debian|DEP-11\n\n`;
    expect(parseIndexTargets(output)).toEqual([
      { uri: mirror, release: 'bookworm', component: 'main', origin: 'Debian' },
    ]);
  });

  it('reads fields apt does not know, as before the first update, as empty', () => {
    expect(parseIndexTargets(`${mirror}|bookworm|main|$(ORIGIN)|Packages`)[0]?.origin).toBe('');
  });
});

describe('debianArchives', () => {
  const target = (uri: string, release: string, component = 'main', origin = 'Debian') => ({
    uri,
    release,
    component,
    origin,
  });

  it('takes the main archive, not security, updates, backports or other vendors', () => {
    const targets = [
      target(security, 'bookworm-security'),
      target('http://security.example/', 'bookworm/updates'),
      target(mirror, 'bookworm-updates'),
      target('http://vendor.example/', 'bookworm', 'main', 'Vendor'),
      target(mirror, 'bookworm'),
      target(mirror, 'bookworm', 'contrib'),
    ];
    expect(debianArchives(targets, 'bookworm')).toEqual([mirror]);
  });

  it('goes by the code name where no index was ever fetched', () => {
    const targets = [target('http://vendor.example/', 'nodistro', 'main', ''), target(mirror, 'bookworm', 'main', '')];
    expect(debianArchives(targets, 'bookworm')).toEqual([mirror]);
  });

  it('names nothing on another system', () => {
    expect(debianArchives([target(mirror, 'noble', 'main', 'Ubuntu')], 'noble')).toEqual([]);
  });
});

describe('parsePackageFiles', () => {
  it('reads name, version with its epoch, and size', () => {
    const output = [
      'Reading package lists...',
      "'http://mirror.example/pool/c/libcap2_2.75-10%2bb3_amd64.deb' libcap2_1%3a2.75-10+b3_amd64.deb 28988 MD5Sum:0a",
    ].join('\n');
    expect(parsePackageFiles(output)).toEqual([{ name: 'libcap2', version: '1:2.75-10+b3', bytes: 28988 }]);
  });
});

describe('neededPackages', () => {
  it('keeps what was asked for and the libraries it loads', () => {
    const names = [
      'postgresql-17',
      'perl',
      'libperl5.40',
      'libllvm19',
      'libicu76',
      'libc6',
      'libc-bin',
      'zlib1g',
      'tzdata',
      'libjson-perl',
    ];
    const files = names.map((name) => ({ name, version: '1', bytes: 1 }));
    expect(neededPackages(files, ['postgresql-17']).map((file) => file.name)).toEqual([
      'postgresql-17',
      'libicu76',
      'libc6',
      'zlib1g',
    ]);
  });
});

describe('newestTimescaleMajor', () => {
  it('picks the highest version', () => {
    expect(newestTimescaleMajor('postgresql-9-timescaledb - x\npostgresql-17-timescaledb - x\n')).toBe(17);
  });

  it('finds none in nothing', () => {
    expect(newestTimescaleMajor('')).toBeUndefined();
  });
});

describe('osReleaseValue', () => {
  it.each([
    ['ID=debian\nVERSION_CODENAME=bookworm\n', 'ID', 'debian'],
    ['VERSION_ID="24.04"\nID=ubuntu', 'VERSION_ID', '24.04'],
    ['NAME=x', 'ID', ''],
  ])('of %j: %s is %j', (text, key, value) => {
    expect(osReleaseValue(text, key)).toBe(value);
  });
});
