import { describe, expect, it } from '@jest/globals';
import { CAPABILITIES, GROUP_CAPABILITIES, type Capability } from './capability.js';
import {
  coversGrant,
  groupsFor,
  knownSites,
  knowsSite,
  mayDo,
  type Grant,
  type Place,
  type Principal,
} from './may-do.js';
import { fitsGroup, isRole, ROLE_NAMES, ROLES, roleGives } from './role.js';

const grant = (role: Grant['role'], site: string | null = null, group: string | null = null): Grant => ({
  role,
  site,
  group,
});
const signedIn = (...grants: Grant[]): Principal => ({
  ...{ userId: 'u', username: 'maria', name: 'Maria', grants },
  by: { kind: 'session', id: 's', passwordIsTemporary: false },
});
const withKey = (grants: Grant[], keyGrants: Grant[]): Principal => ({
  ...signedIn(...grants),
  by: { kind: 'key', id: 'k', name: 'Grafana', grants: keyGrants },
});

const PLACES: Record<string, Place> = {
  everywhere: { kind: 'everywhere' },
  anywhere: { kind: 'anywhere' },
  BT: { kind: 'site', site: 'BT' },
  'in BT': { kind: 'inSite', site: 'BT' },
  'BT/CENTRE': { kind: 'groups', site: 'BT', groups: ['NORTH', 'CENTRE'] },
  'BT/NORTH': { kind: 'groups', site: 'BT', groups: ['NORTH'] },
  'BT/none': { kind: 'groups', site: 'BT', groups: [] },
  OULU: { kind: 'site', site: 'OULU' },
  'OULU/CENTRE': { kind: 'groups', site: 'OULU', groups: ['CENTRE'] },
};
const placesOf = (principal: Principal, capability: Capability) =>
  Object.keys(PLACES).filter((name) => mayDo(principal, capability, PLACES[name] as Place));

describe('where a grant reaches', () => {
  it.each([
    ['all sites', grant('operator'), Object.keys(PLACES)],
    ['one site', grant('operator', 'BT'), ['anywhere', 'BT', 'in BT', 'BT/CENTRE', 'BT/NORTH', 'BT/none']],
    ['one group', grant('operator', 'BT', 'CENTRE'), ['anywhere', 'in BT', 'BT/CENTRE']],
  ])('%s', (_, given, places) => {
    expect(placesOf(signedIn(given), 'commands.send')).toEqual(places);
  });

  it('nowhere without a grant', () => {
    for (const capability of Object.keys(CAPABILITIES) as Capability[])
      expect(placesOf(signedIn(), capability)).toEqual([]);
  });

  it.each(
    ROLE_NAMES.flatMap((role) => (Object.keys(CAPABILITIES) as Capability[]).map((each) => [role, each] as const)),
  )('%s, %s: as the table of roles says, and through a group only what groups are for', (role, capability) => {
    expect(placesOf(signedIn(grant(role, 'BT')), capability).includes('BT')).toBe(roleGives(role, capability));
    expect(placesOf(signedIn(grant(role, 'BT', 'CENTRE')), capability).includes('BT/CENTRE')).toBe(
      roleGives(role, capability) && GROUP_CAPABILITIES.has(capability),
    );
    expect(placesOf(signedIn(grant(role, 'BT', 'CENTRE')), capability)).not.toContain('BT');
  });

  it('adds several grants up, and mixes none: a role in one place is no role in another', () => {
    const both = signedIn(grant('viewer'), grant('operator', 'BT'));
    expect(placesOf(both, 'lighting.read')).toEqual(Object.keys(PLACES));
    expect(mayDo(both, 'commands.send', PLACES['OULU'] as Place)).toBe(false);
  });
});

describe('an API key', () => {
  it('may do what both it and its owner may', () => {
    const key = withKey([grant('operator', 'BT')], [grant('viewer')]);
    expect(placesOf(key, 'lighting.read')).toEqual(['anywhere', 'BT', 'in BT', 'BT/CENTRE', 'BT/NORTH', 'BT/none']);
    expect(placesOf(key, 'commands.send')).toEqual([]);
    expect(placesOf(withKey([], [grant('administrator')]), 'lighting.read')).toEqual([]);
    expect(placesOf(withKey([grant('administrator')], []), 'lighting.read')).toEqual([]);
  });

  it('of groups reaches lamps that are in both', () => {
    const key = withKey([grant('operator', 'BT', 'CENTRE')], [grant('operator', 'BT', 'NORTH')]);
    expect(mayDo(key, 'commands.send', { kind: 'groups', site: 'BT', groups: ['CENTRE'] })).toBe(false);
    expect(mayDo(key, 'commands.send', { kind: 'groups', site: 'BT', groups: ['CENTRE', 'NORTH'] })).toBe(true);
  });
});

describe('what a principal knows of', () => {
  it.each([
    [signedIn(grant('viewer')), 'all'],
    [signedIn(grant('viewer', 'BT'), grant('operator', 'OULU', 'CENTRE')), ['BT', 'OULU']],
    [signedIn(), []],
    [withKey([grant('viewer')], [grant('viewer', 'BT')]), ['BT']],
    [withKey([grant('viewer', 'OULU')], [grant('viewer')]), ['OULU']],
    [withKey([grant('viewer', 'OULU')], [grant('viewer', 'BT')]), []],
    [withKey([grant('viewer')], [grant('viewer')]), 'all'],
  ] as const)('%#', (principal, sites) => {
    expect(knownSites(principal)).toEqual(sites);
    expect(knowsSite(principal, 'BT')).toBe(sites === 'all' || (sites as readonly string[]).includes('BT'));
  });

  it('groups that it may see or command', () => {
    const principal = signedIn(
      grant('operator', 'BT', 'NORTH'),
      grant('viewer', 'BT', 'CENTRE'),
      grant('viewer', 'OULU', 'X'),
    );
    expect(groupsFor(principal, 'lighting.read', 'BT')).toEqual(['CENTRE', 'NORTH']);
    expect(groupsFor(principal, 'commands.send', 'BT')).toEqual(['NORTH']);
  });
});

describe('handing on', () => {
  const covers = (held: Grant[], wanted: Grant) => coversGrant(held, wanted, ROLES[wanted.role]);
  it.each([
    [[grant('engineer', 'BT')], grant('operator', 'BT'), true],
    [[grant('engineer', 'BT')], grant('operator', 'BT', 'CENTRE'), true],
    [[grant('engineer', 'BT')], grant('operator'), false],
    [[grant('engineer', 'BT')], grant('integrator', 'BT'), false],
    [[grant('operator', 'BT', 'CENTRE')], grant('viewer', 'BT', 'CENTRE'), true],
    [[grant('operator', 'BT', 'CENTRE')], grant('viewer', 'BT'), false],
    [[grant('viewer'), grant('operator', 'BT')], grant('operator', 'BT'), true],
  ])('%j covers %j: %s', (held, wanted, expected) => {
    expect(covers(held, wanted)).toBe(expected);
  });
});

describe('roles', () => {
  it('that fit a group give nothing that a group cannot', () => {
    expect(ROLE_NAMES.filter(fitsGroup)).toEqual(['viewer', 'operator', 'maintainer']);
    expect(isRole('constructor')).toBe(false);
    expect(isRole('viewer')).toBe(true);
  });

  it('leave no capability to nobody', () => {
    expect([...ROLES.administrator].sort()).toEqual(Object.keys(CAPABILITIES).sort());
  });
});
