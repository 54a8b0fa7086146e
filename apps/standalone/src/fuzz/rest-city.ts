/** What the API has of a city while it is fuzzed, and who asks: both are put back whenever the cases have taken them away. */
import { hashPassword, newPassword } from '#libs/identity';
import { beginSession, inTransaction, resetAdministrator, setPassword, type Pool } from '#libs/storage';
import type { Random } from '#simulators';
import type { RestClient } from './rest-client.js';
import type { RestAnswer } from './judge-answer.js';

const clock = (time: string) => ({ anchor: { kind: 'clock', time }, offsetMinutes: 0 });
const sun = (kind: string) => ({ anchor: { kind }, offsetMinutes: 0 });
const DUSK_TO_DAWN = [{ from: sun('civilDusk'), to: sun('civilDawn') }];
const LAMPS = ['L-0001', 'L-0002', 'L-0003', 'L-0004'];

/** What a client would send to build the city, in order. */
const CITY: readonly (readonly [path: string, body: object])[] = [
  [
    '/sites',
    {
      address: 'BT',
      name: 'Botoșani',
      timeZone: 'Europe/Bucharest',
      latitude: 47.7487,
      longitude: 26.6694,
      co2GPerKwh: 265,
    },
  ],
  ['/lamp-types', { code: 'LED-57', name: 'LED 57 W', technology: 'LED', ratedPowerW: 57 }],
  ['/sites/BT/cabinets', { address: 'CAB-01', name: 'Cabinet 1' }],
  ['/sites/BT/groups', { address: 'CENTRE', name: 'Centre' }],
  ...LAMPS.map((address): [string, object] => [
    '/sites/BT/lamps',
    { address, lampType: 'LED-57', cabinet: 'CAB-01', latitude: 47.7401, longitude: 26.6655, groups: ['CENTRE'] },
  ]),
  [
    '/sites/BT/programs',
    {
      ...{ address: 'EVENING', name: 'Evening', activePeriods: DUSK_TO_DAWN, minimumLevelPercent: 20 },
      switchPoints: [
        { at: sun('civilDusk'), levelPercent: 100, fadeS: 30 },
        { at: clock('23:00'), levelPercent: 60, fadeS: 600 },
      ],
    },
  ],
  ['/sites/BT/calendars', { address: 'STREETS', name: 'Streets', rules: [], defaultProgram: 'EVENING' }],
  ['/sites/BT/crews', { address: 'NORTH', name: 'Crew north' }],
  ['/users', { username: 'maria', name: 'Maria Ionescu', grants: [{ role: 'engineer', site: 'BT' }] }],
];

/** Names that exist, by the property or parameter that holds them; some others may come to exist. */
const FIXED: Readonly<Record<string, readonly unknown[]>> = {
  ...{ site: ['BT', 'BT', 'BT', 'F1'], lamp: LAMPS, lamps: LAMPS, addresses: LAMPS, add: LAMPS, remove: LAMPS },
  ...{
    cabinet: ['CAB-01', 'CAB-01', 'F1'],
    group: ['CENTRE', 'CENTRE', 'F1'],
    groups: ['CENTRE'],
    device: ['L-0001', 'GW-1'],
    devices: LAMPS,
  },
  ...{ lampType: ['LED-57', 'LED-57', 'F1'], code: ['LED-57', 'F1'], program: ['EVENING', 'EVENING', 'F1'] },
  ...{
    defaultProgram: ['EVENING', 'F1'],
    programAddress: ['EVENING', 'F1'],
    calendar: ['STREETS', 'F1'],
    crew: ['NORTH', 'F1'],
  },
  ...{
    username: ['maria', 'f1', 'admin'],
    kind: [undefined, 'site', 'group', 'lamp', 'cabinet'],
    validFrom: ['2026-01-01', '2026-06-01'],
  },
  ...{
    version: [1, 2],
    timeZone: ['Europe/Bucharest', 'Europe/Helsinki'],
    measures: ['activePowerW'],
    groupBy: [undefined, 'cabinet'],
  },
  ...{
    from: ['2026-11-01', '2026-11-24T00:00:00Z', undefined],
    to: ['2026-11-25', '2026-12-01', undefined],
    limit: [1, 10, 1000],
  },
};

/** `address` says what it is by nothing but the path: any of them may be meant. */
const ADDRESSES = ['F1', 'F2', 'CAB-01', 'CENTRE', 'EVENING', 'STREETS', 'L-0001', 'BT', 'NORTH'];

/** What ids in paths are the ids of. */
const IDS: Readonly<Record<string, string>> = {
  overrides: 'override',
  'command-batches': 'batch',
  faults: 'fault',
  channels: 'channel',
  deliveries: 'delivery',
  'api-keys': 'key',
};
const IDS_KEPT = 8;

export class RestCity {
  authorization = '';
  private readonly seen = new Map<string, string[]>();

  constructor(
    private readonly client: RestClient,
    private readonly pool: Pool,
  ) {}

  /** Names for JsonValues. */
  readonly names = (property: string, random: Random): unknown => {
    const seen = this.seen.get(property);
    if (seen !== undefined && seen.length > 0) return random.pick(seen);
    if (property === 'address') return random.pick(ADDRESSES);
    if (property === 'expiresAt') return new Date(Date.now() + random.integer(0, 48) * 3_600_000).toISOString();
    const fixed = FIXED[property];
    return fixed === undefined ? undefined : fixed[random.integer(0, fixed.length - 1)];
  };

  /** Keeps the ids and tokens of an answer for requests to come. */
  learn(path: string, { status, text }: RestAnswer): void {
    if (status === 428) this.keep('Felinar-Confirmation', /"confirmation":"([^"]+)"/.exec(text)?.[1]);
    if (status >= 300) return;
    const kind = path.split('/').findLast((part) => part in IDS);
    if (kind === undefined) return;
    for (const [, id] of text.matchAll(/"id":"?([0-9a-f-]{1,36})"?[,}]/g)) this.keep(IDS[kind] as string, id);
  }

  /** Signs in again when somebody has signed us out or taken the rights away. */
  async letIn(): Promise<void> {
    const me = await this.ask('GET', '/me');
    const mayAll = /"passwordIsTemporary":false/.test(me.text) && /"role":"administrator","site":null/.test(me.text);
    if (me.status !== 200 || !mayAll) await this.signIn();
  }

  /** Puts back what is missing. */
  async restore(): Promise<void> {
    await this.letIn();
    for (const [path, body] of CITY) await this.ask('POST', path, body);
    await this.openFault();
  }

  private keep(kind: string, id: string | undefined): void {
    if (id === undefined) return;
    const ids = this.seen.get(kind) ?? [];
    if (ids.includes(id)) return;
    this.seen.set(kind, [...ids.slice(1 - IDS_KEPT), id]);
  }

  private ask(method: string, path: string, body?: object): Promise<RestAnswer> {
    return this.client.send(
      {
        ...{ operation: 'city', method, path: `/api/v1${path}`, query: [] },
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
        body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
      },
      this.authorization,
    );
  }

  /** By way of the database: whoever reaches that can always let themselves in. */
  private async signIn(): Promise<void> {
    const password = newPassword();
    const passwordHash = await hashPassword(password);
    const nowMs = Date.now();
    await resetAdministrator(this.pool, { username: 'admin', passwordHash }, nowMs);
    this.authorization = await inTransaction(this.pool, async (client) => {
      const found = await client.query<{ id: string }>(`SELECT id FROM app_user WHERE username = 'admin'`);
      const userId = found.rows[0]?.id ?? '';
      await setPassword(client, userId, { hash: passwordHash, isTemporary: false }, nowMs);
      const tokens = await beginSession(client, { userId, hash: passwordHash }, '127.0.0.1', nowMs);
      this.seen.set('refreshToken', [tokens?.refreshToken ?? '']);
      for (const property of ['password', 'currentPassword']) this.seen.set(property, [password]);
      return `Bearer ${tokens?.accessToken}`;
    });
  }

  /** As detection would have written it. */
  private async openFault(): Promise<void> {
    const state = { phase: 'open', seenLastMs: Date.now(), reopenings: 0 };
    const found = await this.pool.query<{ id: string }>(
      `INSERT INTO fault (site_id, kind, severity, priority, subject_kind, subject, lamp_id, cabinet_id, phase, state, evidence, seen_at, opened_at)
       SELECT s.id, 'lampFailure', 'major', 50, 'lamp', concat_ws(':', 'lamp', l.id), l.id, l.cabinet_id, 'open', $1, 'no power', now(), now()
       FROM site AS s JOIN lamp AS l ON l.site_id = s.id WHERE s.address = 'BT' AND NOT EXISTS
         (SELECT FROM fault AS f WHERE f.lamp_id = l.id AND f.kind = 'lampFailure' AND f.phase <> 'closed') LIMIT 1
       ON CONFLICT DO NOTHING RETURNING id`,
      [JSON.stringify(state)],
    );
    this.keep('fault', found.rows[0]?.id);
  }
}
