import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Environment } from '#libs/config';
import {
  addressKey,
  claimAt,
  claimValues,
  grantsFor,
  hashPassword,
  meetsChallenge,
  newPassword,
  type Principal,
} from '#libs/identity';
import { DomainError, type Clock } from '#libs/kernel';
import { correlationId } from '#libs/observability';
import { CONFIG, POOL, WALL_CLOCK } from '#libs/platform';
import {
  actAs,
  admitFromProvider,
  becomeActor,
  beginAttempt,
  beginSession,
  endSession,
  inTransaction,
  issueCode,
  pruneSessions,
  takeAttempt,
  takeCode,
  type Admission,
  type Pool,
  type ProviderPerson,
} from '#libs/storage';
import { randomState } from 'openid-client';
import type { z } from 'zod';
import { unauthorized } from '../access/principal.js';
import type { ProblemError } from '../http/problem.js';
import { toTokens, type Exchange } from '../identity/sessions.service.js';
import { browserSecret, proofsOf, rememberBrowser } from './browser-secret.js';
import { OidcProvider, type Claims } from './oidc-provider.service.js';
import { OIDC_PATH, type OidcSettings } from './oidc-settings.js';
import type { oidcView, redeemCode, signedOut, startQuery } from './oidc.schema.js';
import { refuse } from './provider-failure.js';

/** Somebody is back and may have tokens for the code. */
export interface Returned {
  readonly username: string;
  readonly code: string;
  /** URL; undefined: nowhere. */
  readonly returnTo: string | undefined;
}

/** People sign in through the city's own provider. Begin at `start`, then `comeBack`, then `redeem`. */
@Injectable()
export class OidcService {
  private readonly logger = new Logger(OidcService.name);

  constructor(
    private readonly provider: OidcProvider,
    @Inject(CONFIG) private readonly config: Environment,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(WALL_CLOCK) private readonly clock: Clock,
  ) {}

  view(): z.infer<typeof oidcView> {
    const { label, publicUrl } = this.provider.settings;
    return { label, start: `${publicUrl}${OIDC_PATH}/start`, passwords: this.config.FELINAR_PASSWORD_SIGN_IN };
  }

  /** Where to send the browser, which gets a cookie to be known by when it returns. */
  async start(
    { codeChallenge, returnTo }: z.infer<typeof startQuery>,
    { request, response }: Exchange,
  ): Promise<string> {
    const state = randomState();
    const browser = rememberBrowser(request, response, this.provider.settings.publicUrl);
    const url = await this.provider.authorizationUrl(proofsOf(browser, state));
    await beginAttempt(
      this.pool,
      { state, browser },
      { codeChallenge, returnTo: returnTo ?? null },
      this.clock.nowMs(),
    );
    return url;
  }

  /** The provider has sent the browser back. Each attempt ends here, whatever comes of it. */
  async comeBack(state: string, { request, response }: Exchange): Promise<Returned> {
    const browser = browserSecret(request);
    if (browser === undefined)
      throw refuse(400, 'This browser did not begin the sign-in, or keeps no cookies: begin again in one browser');
    const wanted = await takeAttempt(this.pool, { state, browser }, this.clock.nowMs());
    if (wanted === undefined)
      throw refuse(410, 'This sign-in took longer than ten minutes, is over, or began in another browser: begin again');
    const query = new URL(request.originalUrl, this.provider.settings.publicUrl).searchParams;
    const claims = await this.provider.prove(query, proofsOf(browser, state));
    const person = personOf(claims, this.provider.settings);
    const where = { address: request.ip ?? '', correlationId: correlationId(request, response) };
    // Who comes into being or gets other roles by it does so by the provider's word, whatever name that brings.
    const admission = await actAs({ name: 'provider', via: 'provider', ...where }, () => this.admit(person));
    if (admission.kind !== 'admitted') {
      const groups = claimValues(claimAt(claims, this.provider.settings.rolesClaim));
      throw this.refusal(admission, person, groups);
    }
    const { userId, username } = admission;
    const code = await issueCode(this.pool, userId, wanted.codeChallenge, this.clock.nowMs());
    const { returnTo } = wanted;
    const page = returnTo === null ? undefined : `${this.provider.settings.publicUrl}${returnTo}#felinarCode=${code}`;
    return { username, code, returnTo: page };
  }

  /** The same session as a password's, but for as long as the provider's word is trusted. */
  async redeem({ code, codeVerifier }: z.infer<typeof redeemCode>, { request }: Exchange) {
    const { issuer, sessionMs } = this.provider.settings;
    const nowMs = this.clock.nowMs();
    const refusal = 'The code is not known, was used, is older than two minutes, or is somebody else’s: sign in again';
    const found = await takeCode(this.pool, code, nowMs);
    if (found === undefined || !meetsChallenge(codeVerifier, found.codeChallenge)) throw unauthorized(refusal);
    const { userId, username } = found;
    becomeActor({ name: username, userId });
    const tokens = await inTransaction(this.pool, async (client) => {
      await pruneSessions(client, nowMs);
      const proven = { userId, provider: { issuer }, lifeMs: sessionMs };
      return beginSession(client, proven, addressKey(request.ip ?? ''), nowMs);
    });
    if (tokens === undefined) throw unauthorized(refusal);
    return { ...toTokens(tokens), passwordIsTemporary: false };
  }

  /** Here at once; at the provider the browser has to do it. */
  async signOut({ by }: Principal): Promise<z.infer<typeof signedOut>> {
    if (by.kind !== 'session') throw new DomainError('conflict', 'An API key has no session: revoke the key instead');
    await endSession(this.pool, by.id, 'signedOut', this.clock.nowMs());
    // The session has ended, whether the provider can be asked or not.
    const url = await this.provider.endSessionUrl().catch(() => undefined);
    return { providerSignOut: url ?? null };
  }

  private async admit(person: ProviderPerson): Promise<Admission> {
    const { createUsers, linkByEmail } = this.provider.settings;
    const rules = { createUsers, linkByName: linkByEmail, unknownPassword: () => hashPassword(newPassword()) };
    const admission = await admitFromProvider(this.pool, person, rules, this.clock.nowMs());
    if ('missing' in admission && admission.missing.length > 0)
      this.logger.warn(
        `FELINAR_OIDC_ROLES gives ${JSON.stringify(person.subject)} roles in places that there are not: ${JSON.stringify(admission.missing)}`,
      );
    return admission;
  }

  /** Logged: people ask whoever runs Felinar, who has to see why. */
  private refusal(
    { kind }: Exclude<Admission, { kind: 'admitted' }>,
    { username, subject, issuer }: ProviderPerson,
    groups: readonly string[],
  ): ProblemError {
    const { usernameClaim } = this.provider.settings;
    const who = username ?? 'USERNAME';
    const binds = `PATCH /api/v1/users/${who} with {"providerSubject": ${JSON.stringify(subject)}}`;
    const why = {
      disabled: 'Your user is disabled: ask an administrator',
      noName: `The provider names nobody in ${usernameClaim}${usernameClaim === 'email' ? ' that it has verified' : ''} who can be a user here: ask who manages your account there, or an administrator here for a user that is bound to your account (providerSubject ${JSON.stringify(subject)})`,
      noRole: 'Your account has no role here: ask for a group at the provider that has one, or an administrator',
      nameTaken: `There is a user ${who} here who is not bound to your account. If that is you, an administrator binds it: ${binds}`,
      unknown: `There is no user here for your account. An administrator creates one and binds it: ${binds}`,
    }[kind];
    const account = `${who}, subject ${JSON.stringify(subject)}, groups ${JSON.stringify(groups).slice(0, 1000)}`;
    this.logger.warn(`A sign-in through ${issuer} was refused (${kind}): ${account}`);
    return refuse(403, why);
  }
}

const USERNAME = /^[a-z0-9][a-z0-9._@-]{0,63}$/;

function personOf(claims: Claims, settings: OidcSettings): ProviderPerson {
  const { issuer, usernameClaim, rolesClaim, roles, defaultGrant } = settings;
  const named = claimAt(claims, usernameClaim);
  const username = typeof named === 'string' ? named.toLowerCase() : '';
  const isProven = usernameClaim !== 'email' || claims['email_verified'] === true;
  const name = claims['name'];
  return {
    ...{ issuer, subject: claims.sub, defaultGrant },
    username: isProven && USERNAME.test(username) ? username : undefined,
    name: plainName(typeof name === 'string' ? name : '') || username,
    grants: roles === undefined ? undefined : grantsFor(roles, claimValues(claimAt(claims, rolesClaim))),
  };
}

/** As a name that is given here would have to be. */
function plainName(name: string): string {
  return name
    .replace(/[\u0000-\u001f\u007f]/g, ' ')
    .trim()
    .slice(0, 200);
}
