import { describe, expect, it } from '@jest/globals';
import { claimAt, claimValues, grantsFor, parseGrant, parseRoleRules } from './role-map.js';

describe('roles of a provider’s groups', () => {
  it.each([
    ['viewer', { role: 'viewer', site: null, group: null }],
    [' operator@BT ', { role: 'operator', site: 'BT', group: null }],
    ['maintainer@BT/CENTRE', { role: 'maintainer', site: 'BT', group: 'CENTRE' }],
  ])('%j is a grant', (text, value) => {
    expect(parseGrant(text)).toEqual({ ok: true, value });
  });

  it.each([
    ['boss', 'must begin with a role: viewer, operator'],
    ['', 'must begin with a role'],
    ['toString', 'must begin with a role'],
    ['viewer@', 'must be role, role@SITE or role@SITE/GROUP'],
    ['viewer@BT@OULU', 'must be role, role@SITE'],
    ['viewer@BT/CENTRE/X', 'must be role, role@SITE'],
    ['viewer@B T', 'must be role, role@SITE'],
    ['engineer@BT/CENTRE', 'gives engineer for a group: only viewer, operator, maintainer can be'],
  ])('%j is none', (text, says) => {
    expect(parseGrant(text)).toEqual({ ok: false, error: expect.stringContaining(says) });
  });

  it('are read from one line or many, of LDAP names and paths too', () => {
    const text =
      '# the lighting office\n/lighting/office = engineer@BT\ncn=ops,ou=city = operator; it=administrator;\n';
    const rules = parseRoleRules(text);
    expect(rules).toEqual({
      ok: true,
      value: [
        { value: '/lighting/office', grant: { role: 'engineer', site: 'BT', group: null } },
        { value: 'cn=ops,ou=city', grant: { role: 'operator', site: null, group: null } },
        { value: 'it', grant: { role: 'administrator', site: null, group: null } },
      ],
    });
    expect(rules.ok && grantsFor(rules.value, ['it', 'it', 'choir', 'IT'])).toEqual([
      { role: 'administrator', site: null, group: null },
    ]);
  });

  it('say all that is wrong at once', () => {
    const rules = parseRoleRules('office: engineer; it = boss; = viewer');
    expect(rules).toEqual({
      ok: false,
      error: [
        expect.stringContaining('must be GROUP = role'),
        expect.stringContaining('"boss" must begin with a role'),
        expect.stringContaining('must be GROUP = role'),
      ],
    });
    expect(parseRoleRules('# nothing')).toEqual({ ok: false, error: [expect.stringContaining('at least one')] });
  });

  it('add up, each once', () => {
    const rules = parseRoleRules('a = viewer@BT; b = viewer@BT; b = operator@BT');
    expect(rules.ok && grantsFor(rules.value, ['a', 'b'])).toHaveLength(2);
  });
});

describe('claims', () => {
  const claims = {
    groups: ['a', 7, 'b'],
    role: 'c',
    realm_access: { roles: ['d'] },
    'https://city/roles': ['e'],
    'x.y': 'f',
  };

  it.each([
    ['groups', ['a', 'b']],
    ['role', ['c']],
    ['realm_access.roles', ['d']],
    ['https://city/roles', ['e']],
    ['x.y', ['f']],
    ...['realm_access', 'realm_access.toString', 'nothing', 'groups.length', '__proto__', 'constructor.name'].map(
      (name) => [name, []] as [string, string[]],
    ),
  ])('%s', (name, values) => {
    expect(claimValues(claimAt(claims, name))).toEqual(values);
  });
});
