import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { freePort } from '#libs/services';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import Provider, { type Adapter, type AdapterPayload, type JWK, type KoaContextWithOIDC } from 'oidc-provider';

interface Key {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export interface Person {
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
  readonly groups?: readonly string[];
  readonly realm_access?: { readonly roles: readonly string[] };
}

/** What an attacker, or a provider gone wrong, makes of an ID token; signed with the provider's key unless it brings another. */
export type Forgery = (claims: JWTPayload) => { claims: JWTPayload; key?: Key };

export const CLIENT = { id: 'felinar', secret: 'a-secret-that-stands-in-no-log-4711' };

/** oidc-provider over HTTP on this machine: a certified provider with people, groups and keys that tests change. */
export class TestProvider {
  readonly people = new Map<string, Person>();
  /** Who types their name next; undefined: they press Cancel. */
  whoSignsIn: string | undefined;
  forge: Forgery | undefined;
  /** Claims in ID tokens, as most providers have them, and not only at the userinfo endpoint. */
  claimsInIdToken = false;
  /** Answers of token requests before this. */
  onToken: ((context: KoaContextWithOIDC) => void) | undefined;
  clientSecret = CLIENT.secret;
  /** Outlasts restarts: sign-ins that have begun go on. */
  private readonly stored = new Map<string, AdapterPayload>();
  private server: Server | undefined;
  private key: Key | undefined;

  private constructor(
    readonly port: number,
    private readonly redirectUri: string,
  ) {}

  static async start(redirectUri: string): Promise<TestProvider> {
    const provider = new TestProvider(await freePort(), redirectUri);
    await provider.rotateKeys();
    await provider.up();
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async up(): Promise<void> {
    const handle = this.provider().callback();
    this.server = createServer((request: IncomingMessage, response: ServerResponse) => void handle(request, response));
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async down(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  /** From now on with another key alone. */
  async rotateKeys(): Promise<void> {
    this.key = await newKey();
    if (this.server === undefined) return;
    await this.restart();
  }

  async restart(): Promise<void> {
    await this.down();
    await this.up();
  }

  private provider(): Provider {
    const { key, issuer, redirectUri } = this;
    if (key === undefined) throw new Error('no key');
    const stored = this.stored;
    const provider = new Provider(issuer, {
      adapter: (model) => new MapAdapter(model, stored),
      clients: [
        {
          ...{ client_id: CLIENT.id, client_secret: this.clientSecret, redirect_uris: [redirectUri] },
          token_endpoint_auth_method: 'client_secret_post',
        },
      ],
      jwks: { keys: [key.jwk] },
      cookies: { keys: ['for tests'] },
      claims: {
        openid: ['sub'],
        email: ['email', 'email_verified'],
        profile: ['name'],
        groups: ['groups', 'realm_access'],
      },
      scopes: ['openid', 'email', 'profile', 'groups'],
      conformIdTokenClaims: !this.claimsInIdToken,
      // So that a client that leaves PKCE away would get its way.
      pkce: { required: () => false },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 60, Interaction: 60, Session: 600, Grant: 600 },
      findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...this.people.get(sub) }) }),
    });
    provider.use(async (context, next) => {
      if (context.path.startsWith('/interaction/')) return this.interact(provider, context as KoaContextWithOIDC);
      await next();
      const isToken = context.method === 'POST' && context.path === '/token';
      if (isToken) this.onToken?.(context as KoaContextWithOIDC);
      if (isToken && this.forge !== undefined) await this.forgeToken(context as KoaContextWithOIDC, key);
    });
    return provider;
  }

  /** What a person does on the provider's pages. */
  private async interact(provider: Provider, { req, res }: KoaContextWithOIDC): Promise<void> {
    const { prompt, params, session, grantId } = await provider.interactionDetails(req, res);
    const sub = this.whoSignsIn;
    if (prompt.name === 'login') {
      const result = sub === undefined ? { error: 'access_denied' } : { login: { accountId: sub } };
      return provider.interactionFinished(req, res, result);
    }
    const grant =
      grantId === undefined
        ? new provider.Grant({ accountId: session?.accountId as string, clientId: params['client_id'] as string })
        : await provider.Grant.find(grantId);
    grant?.addOIDCScope(params['scope'] as string);
    return provider.interactionFinished(req, res, { consent: { grantId: await grant?.save() } as never });
  }

  private async forgeToken(context: KoaContextWithOIDC, own: Key): Promise<void> {
    const body = context.body as { id_token: string };
    const payload = JSON.parse(
      Buffer.from(body.id_token.split('.')[1] as string, 'base64url').toString(),
    ) as JWTPayload;
    const { claims, key = own } = this.forge?.(payload) ?? { claims: payload };
    body.id_token = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: key.kid }).sign(key.privateKey);
  }
}

let keys = 0;

export async function newKey(kid = `key-${(keys += 1)}`): Promise<Key> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { kid, privateKey, jwk: { ...(await exportJWK(privateKey)), kid, use: 'sig', alg: 'RS256' } as JWK };
}

/** What the provider remembers. */
class MapAdapter implements Adapter {
  constructor(
    private readonly model: string,
    private readonly stored: Map<string, AdapterPayload>,
  ) {}

  private key(id: string): string {
    return `${this.model} ${id}`;
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    this.stored.set(this.key(id), payload);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.stored.get(this.key(id));
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return [...this.stored].find(([key, payload]) => key.startsWith(`${this.model} `) && payload.uid === uid)?.[1];
  }

  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async consume(id: string): Promise<void> {
    const payload = await this.find(id);
    if (payload !== undefined) payload.consumed = Math.floor(new Date().getTime() / 1000);
  }

  async destroy(id: string): Promise<void> {
    this.stored.delete(this.key(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, payload] of this.stored) if (payload.grantId === grantId) this.stored.delete(key);
  }
}
