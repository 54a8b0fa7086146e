import { GROUP_CAPABILITIES, type Capability } from './capability.js';
import { roleGives, type Role } from './role.js';

/** A role in a place: everywhere (site null), in a site, or through the lamps of one group of a site. */
export interface Grant {
  readonly role: Role;
  /** Address; null: all sites, also those to come. */
  readonly site: string | null;
  /** Address; null: the whole site. */
  readonly group: string | null;
}

/** Who asks. */
export interface Principal {
  readonly userId: string;
  readonly username: string;
  /** For people. */
  readonly name: string;
  readonly grants: readonly Grant[];
  /** How they came: signed in, or with an API key, which may do what both it and its owner may. */
  readonly by:
    | { readonly kind: 'session'; readonly id: string; readonly passwordIsTemporary: boolean }
    | { readonly kind: 'key'; readonly id: string; readonly name: string; readonly grants: readonly Grant[] };
}

/** Where something is to be done. */
export type Place =
  | { readonly kind: 'everywhere' }
  /** In any site, or a part of one: what is shown is narrowed afterwards. */
  | { readonly kind: 'anywhere' }
  | { readonly kind: 'site'; readonly site: string }
  /** In the site or a part of it: for what a site says of itself. */
  | { readonly kind: 'inSite'; readonly site: string }
  /** Through lamps that are in these groups: a grant for one of them will do. */
  | { readonly kind: 'groups'; readonly site: string; readonly groups: readonly string[] };

/** Whether `principal` may do `capability` there. */
export function mayDo(principal: Principal, capability: Capability, place: Place): boolean {
  return (
    granted(principal.grants, capability, place) &&
    (principal.by.kind === 'session' || granted(principal.by.grants, capability, place))
  );
}

function granted(grants: readonly Grant[], capability: Capability, place: Place): boolean {
  return grants.some((grant) => gives(grant, capability) && reaches(grant, place));
}

function gives({ role, group }: Grant, capability: Capability): boolean {
  return roleGives(role, capability) && (group === null || GROUP_CAPABILITIES.has(capability));
}

function reaches({ site, group }: Grant, place: Place): boolean {
  if (place.kind === 'anywhere') return true;
  if (site === null) return true;
  if (place.kind === 'everywhere' || place.site !== site) return false;
  if (group === null || place.kind === 'inSite') return true;
  return place.kind === 'groups' && place.groups.includes(group);
}

/** Whether the principal has to do with a site at all; of others it is not even told that they exist. */
export function knowsSite(principal: Principal, site: string): boolean {
  const sites = knownSites(principal);
  return sites === 'all' || sites.includes(site);
}

/** The sites that a principal has to do with. */
export function knownSites({ grants, by }: Principal): 'all' | readonly string[] {
  const own = sitesOf(grants);
  const ofKey = by.kind === 'key' ? sitesOf(by.grants) : 'all';
  if (own === 'all') return ofKey;
  return ofKey === 'all' ? own : own.filter((site) => ofKey.includes(site));
}

function sitesOf(grants: readonly Grant[]): 'all' | readonly string[] {
  const sites = new Set<string>();
  for (const { site } of grants) {
    if (site === null) return 'all';
    sites.add(site);
  }
  return [...sites].sort();
}

/** Groups of a site through which a principal may do something there, where it may not do it in the whole site. */
export function groupsFor(principal: Principal, capability: Capability, site: string): readonly string[] {
  const groups = principal.grants.flatMap((grant) =>
    grant.site === site && grant.group !== null ? [grant.group] : [],
  );
  const ofKey =
    principal.by.kind === 'key'
      ? principal.by.grants.flatMap(({ site: at, group }) => (at === site && group !== null ? [group] : []))
      : [];
  return [...new Set([...groups, ...ofKey])]
    .filter((group) => mayDo(principal, capability, { kind: 'groups', site, groups: [group] }))
    .sort();
}

/** Whether holders of `held` have all that `wanted` gives, where it gives it: nobody hands on more than they have. */
export function coversGrant(held: readonly Grant[], wanted: Grant, capabilities: readonly Capability[]): boolean {
  const place: Place =
    wanted.site === null
      ? { kind: 'everywhere' }
      : wanted.group === null
        ? { kind: 'site', site: wanted.site }
        : { kind: 'groups', site: wanted.site, groups: [wanted.group] };
  return capabilities.every((capability) => granted(held, capability, place));
}
