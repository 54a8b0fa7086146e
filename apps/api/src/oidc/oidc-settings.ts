import type { Environment } from '#libs/config';
import type { Grant, RoleRule } from '#libs/identity';
import { problem, ProblemError } from '../http/problem.js';

/** The provider by which people sign in, and what its word is worth. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: string;
  readonly label: string;
  /** Where the provider sends people back to. */
  readonly redirectUri: string;
  /** Where people reach Felinar. */
  readonly publicUrl: string;
  readonly usernameClaim: string;
  readonly rolesClaim: string;
  /** Undefined: roles are given in Felinar. */
  readonly roles: readonly RoleRule[] | undefined;
  readonly defaultGrant: Grant | undefined;
  readonly createUsers: boolean;
  readonly linkByEmail: boolean;
  readonly sessionMs: number;
}

export const OIDC_PATH = '/api/v1/sessions/oidc';

/** Undefined: people sign in with passwords only. */
export function oidcSettings(config: Environment): OidcSettings | undefined {
  const {
    FELINAR_OIDC_ISSUER: issuer,
    FELINAR_OIDC_CLIENT_ID: clientId,
    FELINAR_OIDC_CLIENT_SECRET: clientSecret,
    FELINAR_PUBLIC_URL: publicUrl,
  } = config;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined || publicUrl === undefined)
    return undefined;
  return {
    ...{ issuer, clientId, clientSecret, publicUrl },
    redirectUri: `${publicUrl}${OIDC_PATH}/callback`,
    scopes: config.FELINAR_OIDC_SCOPES,
    label: config.FELINAR_OIDC_LABEL,
    usernameClaim: config.FELINAR_OIDC_USERNAME_CLAIM,
    rolesClaim: config.FELINAR_OIDC_ROLES_CLAIM,
    roles: config.FELINAR_OIDC_ROLES,
    defaultGrant: config.FELINAR_OIDC_DEFAULT_ROLE,
    createUsers: config.FELINAR_OIDC_CREATE_USERS,
    linkByEmail: config.FELINAR_OIDC_LINK_BY_EMAIL,
    sessionMs: config.FELINAR_OIDC_SESSION_HOURS * 3_600_000,
  };
}

/** The settings; 404 where there are none. */
export function requiredSettings(settings: OidcSettings | undefined): OidcSettings {
  if (settings !== undefined) return settings;
  throw new ProblemError(
    problem(
      404,
      'No provider is set up here by which to sign in: use POST /api/v1/sessions with a password, or ask whoever runs Felinar to set FELINAR_OIDC_ISSUER',
    ),
  );
}
