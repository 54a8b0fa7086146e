import 'reflect-metadata';
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { loadConfig } from '#libs/config';
import type { Clock } from '#libs/kernel';
import { PlatformModule, POOL } from '#libs/platform';
import type { Pool } from '#libs/storage';
import { emptyDatabase } from '#libs/testing';
import { DataSource } from 'typeorm';
import { hashPassword, newPassword, type Grant } from '#libs/identity';
import { inTransaction, setPassword } from '#libs/storage';
import { ApiModule, configureApi, firstAdministrator } from '../../src/index.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; whatever a test expects of it. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON, of which each test expects something else
  readonly body: any;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The API on a free port, with a database and a clock of its own. */
export class ApiUnderTest {
  nowMs = Date.parse('2026-11-24T12:00:00Z');
  /** For sessions and keys. */
  wallMs = Date.parse('2026-11-24T12:00:00Z');
  /** What requests show unless they show something else: an administrator of everything. */
  authorization = '';
  private readonly signedIn = new Map<string, Record<string, string>>();

  private constructor(
    private readonly app: NestExpressApplication,
    readonly url: string,
    readonly database: DataSource,
    readonly pool: Pool,
    private readonly drop: () => Promise<void>,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<ApiUnderTest> {
    const { url, drop } = await emptyDatabase();
    const config = loadConfig({
      FELINAR_DATABASE_URL: url,
      FELINAR_MQTT_URL: 'mqtt://127.0.0.1:1',
      FELINAR_LOG_LEVEL: process.env['FELINAR_TEST_LOG_LEVEL'] ?? 'fatal',
      FELINAR_HTTP_REQUESTS_PER_MINUTE: '0',
      ...settings,
    });
    const holder: { api?: ApiUnderTest } = {};
    const clock: Clock = { nowMs: () => holder.api?.nowMs ?? 0, speed: 1 };
    const wallClock: Clock = { nowMs: () => holder.api?.wallMs ?? 0, speed: 1 };
    @Module({ imports: [PlatformModule.forRoot(config, clock, wallClock), ApiModule] })
    class Root {}
    const app = await NestFactory.create<NestExpressApplication>(Root, { logger: ['fatal'], abortOnError: false });
    configureApi(app);
    await app.listen(Number(settings['FELINAR_HTTP_PORT'] ?? 0), '127.0.0.1');
    holder.api = new ApiUnderTest(app, await app.getUrl(), app.get(DataSource), app.get<Pool>(POOL), drop);
    await holder.api.signInAsAdministrator();
    return holder.api;
  }

  private async signInAsAdministrator(): Promise<void> {
    const newcomer = await firstAdministrator(this.pool, this.wallMs);
    if (newcomer === undefined) throw new Error('the database has users already');
    this.authorization = (await this.signIn(newcomer.username, newcomer.password))['authorization'] as string;
  }

  /** Signs in and leaves the temporary password behind; answers the headers that show it. */
  private async signIn(username: string, temporary: string): Promise<Record<string, string>> {
    const password = newPassword();
    const hash = await hashPassword(password);
    await inTransaction(this.pool, async (client) => {
      const found = await client.query<{ id: string }>('SELECT id FROM app_user WHERE username = $1', [username]);
      await setPassword(client, found.rows[0]?.id as string, { hash, isTemporary: false }, this.wallMs);
    });
    if (temporary === '') throw new Error(`${username} got no password`);
    const { status, body } = await this.post('/sessions', { username, password }, ANONYMOUS);
    if (status !== 201) throw new Error(`${username} could not sign in: ${JSON.stringify(body)}`);
    return { authorization: `Bearer ${body.accessToken}` };
  }

  /** Headers of a user with these grants (an administrator of everything when none are given), who is created when there is none yet. */
  async as(username: string, grants: readonly Grant[] = [ADMINISTRATOR]): Promise<Record<string, string>> {
    const known = this.signedIn.get(username);
    if (known !== undefined) return known;
    const { status, body } = await this.post('/users', { username, name: username, grants });
    if (status !== 201) throw new Error(`${username} was not created: ${JSON.stringify(body)}`);
    const headers = await this.signIn(username, body.temporaryPassword);
    this.signedIn.set(username, headers);
    return headers;
  }

  /** What the process itself works with. */
  provided<T>(type: Type<T>): T {
    return this.app.get(type);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.drop();
  }

  /** `path` is under /api/v1 unless it begins with `//`. Objects go as JSON; texts, bytes and forms as they are. */
  async call(method: Method, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const raw = typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData;
    const response = await fetch(path.startsWith('//') ? this.url + path.slice(1) : `${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }),
        ...(headers === ANONYMOUS || 'x-api-key' in headers ? {} : { authorization: this.authorization }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? (body as NonNullable<RequestInit['body']>) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
    };
  }

  get(path: string, headers?: Record<string, string>): Promise<Answer> {
    return this.call('GET', path, undefined, headers);
  }

  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.call('POST', path, body, headers);
  }

  put(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.call('PUT', path, body, headers);
  }

  patch(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.call('PATCH', path, body, headers);
  }

  delete(path: string, headers?: Record<string, string>): Promise<Answer> {
    return this.call('DELETE', path, undefined, headers);
  }

  /** Sends a file as the form of a browser would. */
  importFile(
    site: string,
    file: string | Uint8Array,
    options: { name?: string; mapping?: unknown; dryRun?: boolean } = {},
  ) {
    const form = new FormData();
    form.append('file', new Blob([file as Uint8Array<ArrayBuffer>]), options.name ?? 'lamps.csv');
    if (options.mapping !== undefined) form.append('mapping', JSON.stringify(options.mapping));
    return this.post(`/sites/${site}/inventory/import${options.dryRun === true ? '?dryRun=true' : ''}`, form);
  }

  /** A city with a lamp type, two cabinets, two groups and as many lamps as are wanted. */
  async city(address: string, lamps = 0): Promise<void> {
    await this.post('/sites', { ...SITE, address });
    await this.post('/lamp-types', LAMP_TYPE);
    for (const cabinet of ['CAB-01', 'CAB-02'])
      await this.post(`/sites/${address}/cabinets`, { address: cabinet, name: cabinet });
    for (const group of ['CENTRE', 'NORTH'])
      await this.post(`/sites/${address}/groups`, { address: group, name: group });
    for (let n = 1; n <= lamps; n += 1)
      await this.post(`/sites/${address}/lamps`, { ...LAMP, address: lampAddress(n) });
  }
}

/** Headers of a request that does not say who asks. */
export const ANONYMOUS: Record<string, string> = {};

const ADMINISTRATOR: Grant = { role: 'administrator', site: null, group: null };

export const lampAddress = (n: number): string => `L-${String(n).padStart(4, '0')}`;

export const SITE = {
  address: 'BT',
  name: 'Botoșani',
  timeZone: 'Europe/Bucharest',
  latitude: 47.7487,
  longitude: 26.6694,
  co2GPerKwh: 265,
};
export const LAMP_TYPE = { code: 'LED-57', name: 'LED 57 W', technology: 'LED', ratedPowerW: 57 };
export const LAMP = { address: 'L-0001', lampType: 'LED-57', cabinet: 'CAB-01', latitude: 47.7401, longitude: 26.6655 };
