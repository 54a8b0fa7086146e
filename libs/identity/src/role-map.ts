import { ADDRESS_PATTERN, type Result } from '#libs/kernel';
import type { Grant } from './may-do.js';
import { fitsGroup, isRole, ROLE_NAMES } from './role.js';

/** What a group or role at a provider of identities gives here. */
export interface RoleRule {
  /** As the provider's claim has it. */
  readonly value: string;
  readonly grant: Grant;
}

/** Reads `role`, `role@SITE` or `role@SITE/GROUP`; the error says what it should be. */
export function parseGrant(text: string): Result<Grant, string> {
  const [role = '', place, ...more] = text.trim().split('@');
  const [site, group, ...deeper] = place?.split('/') ?? [];
  const refuse = (error: string) => ({ ok: false, error: `${JSON.stringify(text.trim())} ${error}` }) as const;
  if (!isRole(role)) return refuse(`must begin with a role: ${ROLE_NAMES.join(', ')}`);
  const isPlace = [site, group].every((part) => part === undefined || ADDRESS_PATTERN.test(part));
  if (!isPlace || more.length + deeper.length > 0) return refuse('must be role, role@SITE or role@SITE/GROUP');
  if (group !== undefined && !fitsGroup(role))
    return refuse(`gives ${role} for a group: only ${ROLE_NAMES.filter(fitsGroup).join(', ')} can be`);
  return { ok: true, value: { role, site: site ?? null, group: group ?? null } };
}

/**
 * Reads `value = role@SITE`, several with `;` or line breaks between; lines that begin with # are passed over. The last `=` counts, as
 * values may be LDAP names. Errors: everything that is wrong.
 */
export function parseRoleRules(text: string): Result<readonly RoleRule[], readonly string[]> {
  const rules: RoleRule[] = [];
  const problems: string[] = [];
  for (const line of text.split(/[;\n]/).map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const at = line.lastIndexOf('=');
    const value = line.slice(0, Math.max(at, 0)).trim();
    const grant = parseGrant(line.slice(at + 1));
    if (value === '')
      problems.push(`${JSON.stringify(line)} must be GROUP = role, GROUP = role@SITE or GROUP = role@SITE/GROUP`);
    else if (grant.ok) rules.push({ value, grant: grant.value });
    else problems.push(grant.error);
  }
  if (rules.length + problems.length === 0)
    problems.push('must name at least one, such as lighting-office = engineer@BT');
  return problems.length === 0 ? { ok: true, value: rules } : { ok: false, error: problems };
}

/** All that the values give together, each once. */
export function grantsFor(rules: readonly RoleRule[], values: readonly string[]): readonly Grant[] {
  const given = rules.filter(({ value }) => values.includes(value)).map(({ grant }) => grant);
  return [...new Map(given.map((grant) => [JSON.stringify([grant.role, grant.site, grant.group]), grant])).values()];
}

/** A claim by its name; where there is none of the name, by the path that its dots make (`realm_access.roles`). */
export function claimAt(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name.split('.').reduce<unknown>((inner, part) => {
    const isObject = typeof inner === 'object' && inner !== null && Object.hasOwn(inner, part);
    return isObject ? (inner as Record<string, unknown>)[part] : undefined;
  }, claims);
}

/** The texts of a claim that is a text or a list; anything else has none. */
export function claimValues(claim: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return values.filter((value) => typeof value === 'string');
}
