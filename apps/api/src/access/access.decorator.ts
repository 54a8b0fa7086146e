import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { Capability } from '#libs/identity';
import { refusal } from '../http/api-docs.js';

/**
 * Through what of a route somebody with a grant for a part of a site comes to it; `site`: through nothing but the whole site.
 * - everywhere: only with all sites; anywhere: with any place, and what is shown is narrowed to it
 * - inSite: with any part of the site
 * - lamp, group, fault, override, batch: what the path names; groupQuery: with the query parameter `group`
 * - overrideTarget: the target in the body; siteInBody, siteInQuery: a site that is named there, else as everywhere (query), anywhere (body)
 */
export const REACHES = [
  ...(['site', 'everywhere', 'anywhere', 'inSite', 'lamp', 'group', 'groupQuery', 'fault'] as const),
  ...(['override', 'overrideTarget', 'batch', 'siteInBody', 'siteInQuery'] as const),
] as const;
export type Reach = (typeof REACHES)[number];

export interface SignedInOptions {
  /** `session`: having signed in, and not with an API key. */
  readonly by?: 'session';
  /** Also for those who have not chosen a password yet. */
  readonly withTemporaryPassword?: boolean;
}

/** What a route says of who may come. */
export type Declared =
  | { readonly kind: 'capability'; readonly capability: Capability; readonly reach: Reach }
  | ({ readonly kind: 'signedIn'; readonly why: string } & SignedInOptions)
  | { readonly kind: 'public'; readonly why: string; readonly isUnlimited?: boolean };

export const ACCESS = 'felinar:access';

/** The route needs a capability, in the site of its path unless `reach` says otherwise. */
export function Access(capability: Capability, reach: Reach = 'site'): MethodDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, { kind: 'capability', capability, reach } satisfies Declared),
    ApiExtension('x-felinar-access', capability),
    secured(),
  );
}

/** The route is for everybody who is signed in, with a session or an API key, because it is about themselves. */
export function SignedIn(why: string, options: SignedInOptions = {}): MethodDecorator {
  return applyDecorators(SetMetadata(ACCESS, { kind: 'signedIn', why, ...options } satisfies Declared), secured());
}

/** The route is for everybody, because; `isUnlimited`: as often as they like. */
export function Public(why: string, options: { readonly isUnlimited?: boolean } = {}): MethodDecorator {
  return SetMetadata(ACCESS, { kind: 'public', why, ...options } satisfies Declared);
}

function secured(): MethodDecorator {
  return applyDecorators(ApiBearerAuth('token'), ApiSecurity('apiKey'), ...[401, 403, 429].map(refusal));
}
