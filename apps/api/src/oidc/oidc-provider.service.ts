import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import type { Environment } from '#libs/config';
import { claimAt } from '#libs/identity';
import type { Clock } from '#libs/kernel';
import { Readiness } from '#libs/observability';
import { CONFIG, WALL_CLOCK } from '#libs/platform';
import * as client from 'openid-client';
import { oidcSettings, requiredSettings, type OidcSettings } from './oidc-settings.js';
import { failureOf, reasonOf, unreachable } from './provider-failure.js';

/** What one sign-in is known by at the provider. */
export interface Proofs {
  readonly state: string;
  readonly nonce: string;
  /** PKCE. */
  readonly codeVerifier: string;
}

export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string };

/** Whoever begins a sign-in is sent where the provider said within this, ms. */
const DISCOVERED_FOR_MS = 60_000;
/** Where health has found it gone, it is asked again after so long, ms. */
const RETRY_AFTER_MS = 15_000;
const TIMEOUT_S = 10;

interface Discovered {
  readonly provider: client.Configuration;
  readonly atMs: number;
}

/** The city's own provider of identities: OpenID Connect, authorization code with PKCE. All checks of what it says are openid-client's. */
@Injectable()
export class OidcProvider implements OnModuleInit, OnApplicationBootstrap {
  private readonly logger = new Logger(OidcProvider.name);
  private readonly own: OidcSettings | undefined;
  private discovered: Discovered | undefined;
  private asking: Promise<client.Configuration> | undefined;
  private failure: { readonly reason: string; readonly atMs: number } | undefined;

  constructor(
    @Inject(CONFIG) config: Environment,
    @Inject(WALL_CLOCK) private readonly clock: Clock,
    private readonly readiness: Readiness,
  ) {
    this.own = oidcSettings(config);
  }

  get settings(): OidcSettings {
    return requiredSettings(this.own);
  }

  get isSetUp(): boolean {
    return this.own !== undefined;
  }

  onModuleInit(): void {
    if (this.own !== undefined) this.readiness.addOptional('sign-in provider', () => this.whatIsMissing());
  }

  /** In the background: a provider that is away keeps nobody from their lamps. */
  onApplicationBootstrap(): void {
    if (this.own !== undefined) void this.discover().catch(() => undefined);
  }

  /** Where to send a browser. Throws a 503. */
  async authorizationUrl({ state, nonce, codeVerifier }: Proofs): Promise<string> {
    const provider = await this.lately();
    const url = client.buildAuthorizationUrl(provider, {
      ...{ redirect_uri: this.settings.redirectUri, scope: this.settings.scopes, response_type: 'code' },
      ...{ state, nonce, code_challenge_method: 'S256' },
      code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
    });
    return url.href;
  }

  /**
   * Who came back from the provider: `query` is what the browser brought. Asks the provider anew for its endpoints and keys, so that keys
   * that were changed a moment ago hold, and those that were withdrawn do not. Throws what to answer.
   */
  async prove(query: URLSearchParams, { state, nonce, codeVerifier }: Proofs): Promise<Claims> {
    const provider = await this.discover();
    const url = new URL(this.settings.redirectUri);
    url.search = query.toString();
    try {
      const tokens = await client.authorizationCodeGrant(provider, url, {
        ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier, idTokenExpected: true },
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new client.ClientError('it sent no ID token');
      this.failure = undefined;
      return await this.withUserInfo(provider, claims, tokens.access_token);
    } catch (error) {
      const failure = failureOf(error);
      this.logger.warn(`A sign-in through the provider failed: ${reasonOf(error)}`);
      if (failure.problem.status === 503) this.failed(reasonOf(error));
      throw failure;
    }
  }

  /** Where a browser signs out at the provider too; undefined where that is not offered. */
  async endSessionUrl(): Promise<string | undefined> {
    const provider = await this.lately();
    return provider.serverMetadata().end_session_endpoint === undefined
      ? undefined
      : client.buildEndSessionUrl(provider).href;
  }

  /** What the ID token does not say is asked for: providers differ in where they put groups and emails. */
  private async withUserInfo(provider: client.Configuration, claims: client.IDToken, token: string): Promise<Claims> {
    const { usernameClaim, rolesClaim, roles } = this.settings;
    const needed = [
      ...(usernameClaim === 'email' ? ['email', 'email_verified'] : [usernameClaim]),
      ...(roles === undefined ? [] : [rolesClaim]),
    ];
    const isEnough = needed.every((name) => claimAt(claims, name) !== undefined);
    if (isEnough || provider.serverMetadata().userinfo_endpoint === undefined) return claims;
    return { ...(await client.fetchUserInfo(provider, token, claims.sub)), ...claims };
  }

  private async lately(): Promise<client.Configuration> {
    const { discovered } = this;
    if (discovered !== undefined && this.clock.nowMs() - discovered.atMs < DISCOVERED_FOR_MS)
      return discovered.provider;
    return this.discover();
  }

  /** One question at a time, however many sign in. Throws a 503. */
  private async discover(): Promise<client.Configuration> {
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    try {
      const provider = await this.asking;
      this.discovered = { provider, atMs: this.clock.nowMs() };
      this.failure = undefined;
      return provider;
    } catch (error) {
      this.failed(reasonOf(error));
      throw unreachable(reasonOf(error));
    }
  }

  private async ask(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    const server = new URL(issuer);
    const isPlain = server.protocol === 'http:';
    return client.discovery(server, clientId, clientSecret, bySupported(clientSecret), {
      // Signatures are looked at although the token comes straight from the provider.
      execute: [client.enableNonRepudiationChecks, ...(isPlain ? [client.allowInsecureRequests] : [])],
      timeout: TIMEOUT_S,
    });
  }

  private failed(reason: string): void {
    if (this.failure?.reason !== reason)
      this.logger.warn(`The provider ${this.settings.issuer} cannot be used for signing in: ${reason}`);
    this.failure = { reason, atMs: this.clock.nowMs() };
    this.discovered = undefined;
  }

  private whatIsMissing(): Promise<string | undefined> {
    const { failure } = this;
    if (failure !== undefined && this.clock.nowMs() - failure.atMs >= RETRY_AFTER_MS)
      void this.discover().catch(() => undefined);
    const detail = failure && `${this.settings.issuer}: ${failure.reason}; it is asked again with the next sign-in`;
    return Promise.resolve(detail);
  }
}

/** As OpenID Connect has it: Basic, unless the provider says that it takes the secret in the body. */
function bySupported(secret: string): client.ClientAuth {
  return (server, metadata, body, headers) => {
    const isPosted = server.token_endpoint_auth_methods_supported?.includes('client_secret_post') === true;
    (isPosted ? client.ClientSecretPost(secret) : client.ClientSecretBasic(secret))(server, metadata, body, headers);
  };
}
