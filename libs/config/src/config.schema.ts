/** Every setting Felinar has, in one place. Read once at start from FELINAR_* environment variables. */
import { parseGrant, parseRoleRules } from '#libs/identity';
import { z } from 'zod';

/** Ingest takes readings that a device has buffered for up to 35 days; they must find the tiers as they were. */
const KEEP_READINGS_LEAST_DAYS = 40;

const TIERS = ['FELINAR_KEEP_READINGS_DAYS', 'FELINAR_KEEP_HOURLY_DAYS', 'FELINAR_KEEP_DAILY_DAYS'] as const;

/** A coarser tier must not be kept for less time than the one that it is made from. */
function keepTiersInOrder(config: Record<(typeof TIERS)[number], number>, context: z.RefinementCtx): void {
  const days = (tier: (typeof TIERS)[number]) => config[tier] || Number.POSITIVE_INFINITY;
  TIERS.slice(1).forEach((tier, index) => {
    const finer = TIERS[index] as (typeof TIERS)[number];
    if (days(tier) < days(finer))
      context.addIssue({ code: 'custom', path: [tier], message: `must not be less than ${finer} (${config[finer]})` });
  });
}

/** Settings that belong together: half a provider is none. */
function wholeProvider(config: Record<string, unknown>, context: z.RefinementCtx): void {
  const refuse = (name: string, message: string) => context.addIssue({ code: 'custom', path: [name], message });
  if (config['FELINAR_OIDC_ISSUER'] === undefined) {
    const without = ['CLIENT_ID', 'CLIENT_SECRET', 'ROLES', 'DEFAULT_ROLE'].map((name) => `FELINAR_OIDC_${name}`);
    const set = without.find((name) => config[name] !== undefined);
    if (set !== undefined) refuse('FELINAR_OIDC_ISSUER', `must be set, or ${set} left away`);
    if (config['FELINAR_PASSWORD_SIGN_IN'] !== 'everybody')
      refuse('FELINAR_PASSWORD_SIGN_IN', 'must be everybody without FELINAR_OIDC_ISSUER: nobody else could sign in');
    return;
  }
  for (const name of ['FELINAR_OIDC_CLIENT_ID', 'FELINAR_OIDC_CLIENT_SECRET'])
    if (config[name] === undefined) refuse(name, 'must be set with FELINAR_OIDC_ISSUER: the provider gives it');
  if (config['FELINAR_PUBLIC_URL'] === undefined)
    refuse('FELINAR_PUBLIC_URL', 'must be set with FELINAR_OIDC_ISSUER: the provider sends people back there');
  if (config['FELINAR_OIDC_LINK_BY_EMAIL'] === true && config['FELINAR_OIDC_USERNAME_CLAIM'] !== 'email')
    refuse('FELINAR_OIDC_LINK_BY_EMAIL', 'must be false unless FELINAR_OIDC_USERNAME_CLAIM is email');
}

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])$/;

/** Why `text` cannot be an issuer; undefined: it can. */
function issuerProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be a https:// URL';
  const { protocol, hostname, search, hash, pathname, username } = new URL(text);
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.test(hostname)))
    return 'must be a https:// URL; http:// only on this machine';
  if (pathname.includes('/.well-known/')) return 'must be the issuer alone, without /.well-known/ and what follows';
  if (/^\/(common|organizations|consumers)\//.test(pathname) && hostname === 'login.microsoftonline.com')
    return 'must name your own tenant: everybody at Microsoft could sign in otherwise';
  return search + hash + username === '' ? undefined : 'must have no user, query or fragment';
}

const port = z.coerce.number().int().min(0).max(65_535);
/** As libs/alerts takes them. */
const NETWORK =
  /^(\d{1,3}(\.\d{1,3}){3}(\/([0-9]|[12]\d|3[0-2]))?|[0-9a-f:.]*:[0-9a-f:.]*(\/([0-9]|[1-9]\d|1[01]\d|12[0-8]))?)$/i;
const positiveInt = (max: number) => z.coerce.number().int().min(1).max(max);
/** Days; 0 is for ever. */
const keepDays = (least: number, standard: number) =>
  z.coerce
    .number()
    .int()
    .max(36_500)
    .refine((days) => days === 0 || days >= least, `must be 0 (for ever) or at least ${least}`)
    .default(standard);
const flagOf = (standard: 'true' | 'false') =>
  z
    .enum(['true', 'false'])
    .default(standard)
    .transform((text) => text === 'true');
const flag = flagOf('false');

export const configSchema = z
  .strictObject({
    FELINAR_DATABASE_URL: z
      .url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' })
      .describe(
        'The database, such as postgres://felinar:secret@localhost:5432/felinar. `npm start` and `npm test` bring their own when it is not set',
      ),
    FELINAR_DATABASE_PASSWORD: z
      .string()
      .optional()
      .describe(
        'Password at the database, where FELINAR_DATABASE_URL has none (as a secret: FELINAR_DATABASE_PASSWORD_FILE)',
      ),
    FELINAR_MQTT_URL: z
      .url({ protocol: /^(mqtts?|wss?)$/, error: 'must be an mqtt:// or mqtts:// URL' })
      .describe('The MQTT broker, such as mqtts://localhost:8883. `npm start` embeds one when it is not set'),
    FELINAR_MQTT_USERNAME: z.string().optional().describe('User name at the broker'),
    FELINAR_MQTT_PASSWORD: z.string().optional().describe('Password at the broker'),
    FELINAR_MQTT_CA: z
      .string()
      .regex(/-----BEGIN CERTIFICATE-----/, 'must be certificates as PEM; a path goes into FELINAR_MQTT_CA_FILE')
      .optional()
      .describe('Authority that signed the broker’s certificate, PEM; without it, those that Node knows'),
    FELINAR_MQTT_PROTOCOL: z
      .enum(['4', '5'])
      .default('5')
      .transform((text) => Number(text) as 4 | 5)
      .describe('MQTT version: 5, or 4 for brokers that speak 3.1.1 only'),
    FELINAR_HTTP_HOST: z.string().default('127.0.0.1').describe('Address the API listens on; 0.0.0.0 for all'),
    FELINAR_HTTP_PORT: port.default(3000).describe('Port of the API; 0 takes a free one'),
    FELINAR_HTTP_REQUESTS_PER_MINUTE: z.coerce
      .number()
      .int()
      .min(0)
      .max(10_000_000)
      .default(3_000)
      .describe(
        'Requests that one session or API key may make in a minute; an address that shows neither, a tenth. 0: as many as they like',
      ),
    FELINAR_TRUSTED_PROXIES: z
      .string()
      .transform((text) => text.split(',').map((each) => each.trim()))
      .refine(
        (all) => all.every((each) => /^(loopback|linklocal|uniquelocal|[0-9a-fA-F.:]+(\/\d{1,3})?)$/.test(each)),
        {
          error:
            'must be addresses or networks such as 10.0.0.0/8, or loopback, linklocal, uniquelocal, with commas between',
        },
      )
      .optional()
      .describe(
        'Proxies before the API whose X-Forwarded-For is believed, such as loopback or 10.0.0.0/8; without it, every request comes from who connects',
      ),
    FELINAR_OPERATIONS_PORT: port
      .optional()
      .describe(
        'Port on which ingest, control and monitor answer /health/live, /health/ready and /metrics, at FELINAR_HTTP_HOST; without it, they do not listen',
      ),
    FELINAR_LOG_LEVEL: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
      .default('info')
      .describe('What is logged'),
    FELINAR_LOG_PRETTY: flag.describe('true: log lines for people; false: JSON lines for machines'),
    FELINAR_INGEST_CLIENT_ID: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, _ or -')
      .default('felinar-ingest')
      .describe('Client id of ingest at the broker; names its persistent session, so keep it'),
    FELINAR_INGEST_SHARE: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, _ or -')
      .optional()
      .describe(
        'Name of the shared subscription by which several ingest processes divide readings and events among them (docs/scaling); without it, each gets all',
      ),
    FELINAR_INGEST_PEER_GONE_S: positiveInt(3_600)
      .default(60)
      .describe(
        'With FELINAR_INGEST_SHARE: an ingest process that has not been alive for so long is gone, and another one stores what waits for it, s',
      ),
    FELINAR_INGEST_IN_FLIGHT: positiveInt(65_535)
      .default(4_000)
      .describe('Messages that ingest holds unacknowledged at the most; the broker keeps the rest'),
    FELINAR_INGEST_MAX_READINGS: positiveInt(1_000_000)
      .default(12_000)
      .describe('Readings that ingest holds in memory before it stops reading from the broker'),
    FELINAR_INGEST_BATCH_READINGS: positiveInt(100_000)
      .default(4_000)
      .describe('A batch is written at the latest when it holds this many readings'),
    FELINAR_INGEST_BATCH_MS: positiveInt(60_000)
      .default(100)
      .describe('A batch is written at the latest when its first message is this old, ms'),
    FELINAR_CONTROL_CLIENT_ID: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, _ or -')
      .default('felinar-control')
      .describe('Client id of control at the broker; each control process needs its own, and keeps it'),
    FELINAR_BROKER_PASSWORDS_PATH: z
      .string()
      .startsWith('/', 'must be an absolute path')
      .optional()
      .describe(
        'Where control writes the devices’ lines of Mosquitto’s password file (docs/operations/broker.md); without it, it writes none',
      ),
    FELINAR_CONTROL_PUBLISH_PER_SECOND: positiveInt(100_000)
      .default(500)
      .describe('Programs and commands that control hands to the broker per second at the most'),
    FELINAR_CONTROL_CABINET_LAMPS_PER_SECOND: positiveInt(100_000)
      .default(100)
      .describe(
        'Lamps of one cabinet that are commanded per second at the most: they must not all switch at one instant',
      ),
    FELINAR_CONTROL_MISMATCH_AFTER_S: positiveInt(86_400)
      .default(900)
      .describe('A device that is online and still runs another program after this is raised as programMismatch, s'),
    FELINAR_SMTP_URL: z
      .url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' })
      .optional()
      .describe('The mail server for alerts, such as smtps://user:secret@mail.example.org; without one, emails wait'),
    FELINAR_SMTP_FROM: z
      .string()
      .regex(/^[^\r\n]{3,200}$/, 'must be an email address, with or without a name')
      .regex(/^([^<>]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/, 'must be an email address, with or without a name')
      .default('Felinar <felinar@localhost>')
      .describe('Who emails come from'),
    FELINAR_PUBLIC_URL: z
      .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional()
      .describe('Where people reach the API, such as https://felinar.example.org; without it, messages have no links'),
    FELINAR_LINK_SECRET: z
      .string()
      .min(32, 'must be 32 characters or more')
      .optional()
      .describe(
        'Signs the links in messages, the same for every process; without it, one is made and kept in the database',
      ),
    FELINAR_WEBHOOK_ALLOW_PRIVATE: z
      .string()
      .default('false')
      .refine((text) => /^(true|false)$/.test(text) || text.split(',').every((each) => NETWORK.test(each.trim())), {
        error: 'must be false, true, or networks such as 10.20.0.0/16 with commas between',
      })
      .transform((text) => (/^(true|false)$/.test(text) ? text === 'true' : text.split(',').map((each) => each.trim())))
      .describe(
        'Where webhooks may lead beside the public internet: networks such as 10.20.0.0/16, with commas between. true: everywhere, which lets whoever may create channels reach into your network',
      ),
    FELINAR_OIDC_ISSUER: z
      .string()
      .superRefine((text, context) => {
        const message = issuerProblem(text);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      })
      // As URLs are written, since users are bound to it: without the slash that stands for nothing.
      .transform((text) => (URL.canParse(text) ? new URL(text).href.replace(/^(https?:\/\/[^/]+)\/$/, '$1') : text))
      .optional()
      .describe(
        'Issuer of the OpenID Connect provider by which people sign in, such as https://login.example.org/realms/city (docs/operations/identity.md); without it, by passwords only',
      ),
    FELINAR_OIDC_CLIENT_ID: z.string().optional().describe('What the provider knows Felinar by'),
    FELINAR_OIDC_CLIENT_SECRET: z
      .string()
      .optional()
      .describe('The secret that the provider gave for it (as a secret: FELINAR_OIDC_CLIENT_SECRET_FILE)'),
    FELINAR_OIDC_SCOPES: z
      .string()
      .refine((text) => text.split(/\s+/).includes('openid'), 'must have openid among them, with spaces between')
      .default('openid email profile')
      .describe('Scopes that are asked for'),
    FELINAR_OIDC_LABEL: z
      .string()
      .regex(/^[^\r\n]{1,60}$/, 'must be a line of 60 characters at the most')
      .default('the account of your organisation')
      .describe('What people call that account, after “Sign in with”'),
    FELINAR_OIDC_USERNAME_CLAIM: z
      .string()
      .min(1)
      .default('email')
      .describe(
        'Claim that names a user at the first sign-in; email counts only where the provider has verified it. Afterwards the subject is what counts',
      ),
    FELINAR_OIDC_ROLES_CLAIM: z
      .string()
      .min(1)
      .default('groups')
      .describe('Claim with the groups or roles of a person; dots lead into it, as in realm_access.roles'),
    FELINAR_OIDC_ROLES: z
      .string()
      .transform((text, context) => {
        const rules = parseRoleRules(text);
        if (rules.ok) return rules.value;
        for (const message of rules.error) context.addIssue({ code: 'custom', message });
        return z.NEVER;
      })
      .optional()
      .describe(
        'What each of them gives, such as lighting-office = engineer@BT; centre-crew = maintainer@BT/CENTRE; it = administrator. Without it, roles are given in Felinar',
      ),
    FELINAR_OIDC_DEFAULT_ROLE: z
      .string()
      .transform((text, context) => {
        const grant = parseGrant(text);
        if (grant.ok) return grant.value;
        context.addIssue({ code: 'custom', message: grant.error });
        return z.NEVER;
      })
      .optional()
      .describe(
        'What everybody gets to whom FELINAR_OIDC_ROLES gives nothing (without it, to new users), such as viewer@BT; without this, they are refused',
      ),
    FELINAR_OIDC_CREATE_USERS: flagOf('true').describe(
      'true: whoever gets a role becomes a user at the first sign-in; false: only users that an administrator has bound to an account',
    ),
    FELINAR_OIDC_LINK_BY_EMAIL: flag.describe(
      'true: a user of Felinar whose name is the verified email of an account is bound to it at its first sign-in; the provider must not let people choose their email',
    ),
    FELINAR_OIDC_SESSION_HOURS: positiveInt(720)
      .default(12)
      .describe('Who came by the provider is asked to sign in again after this: roles follow the provider then, h'),
    FELINAR_PASSWORD_SIGN_IN: z
      .enum(['everybody', 'administrators'])
      .default('everybody')
      .describe(
        'Who may sign in with a password: everybody who is not bound to an account at the provider, or administrators of all sites only',
      ),
    FELINAR_INGEST_SAMPLES_PER_REASON: positiveInt(10_000)
      .default(100)
      .describe('Rejected messages kept per reason for the operator to look at'),
    FELINAR_KEEP_READINGS_DAYS: keepDays(KEEP_READINGS_LEAST_DAYS, 180).describe(
      'Readings older than this are dropped, once energy is booked from them; 0: never. At least 40: devices may deliver readings 35 days late',
    ),
    FELINAR_KEEP_HOURLY_DAYS: keepDays(KEEP_READINGS_LEAST_DAYS, 1_100).describe(
      'Hourly energy and hourly averages of lamps older than this are dropped; 0: never. Not less than the readings',
    ),
    FELINAR_KEEP_DAILY_DAYS: keepDays(KEEP_READINGS_LEAST_DAYS, 0).describe(
      'Daily energy and daily averages of lamps, and hourly energy of sites, older than this are dropped; 0: never. Not less than the hourly ones',
    ),
    FELINAR_COMPRESS_AFTER_DAYS: z.coerce
      .number()
      .int()
      .min(0)
      .max(3_650)
      .default(7)
      .describe('Readings older than this are compressed, on TimescaleDB Community only; 0: never'),
    FELINAR_KEEP_FAULTS_DAYS: keepDays(1, 1_100).describe(
      'Closed faults with their history and alerts are deleted so long after they were closed; 0: never',
    ),
    FELINAR_KEEP_MESSAGES_DAYS: keepDays(1, 90).describe(
      'What was told to crews, and links that were used, are deleted so long after the message was delivered or given up; 0: never',
    ),
    FELINAR_KEEP_COMMANDS_DAYS: keepDays(1, 90).describe(
      'Finished commands are deleted after this, but for the last one of each lamp; 0: never',
    ),
    FELINAR_KEEP_EVENTS_DAYS: keepDays(40, 400).describe(
      'Events of devices are deleted so long after they were received; 0: never. At least 40: one that is delivered again must be known',
    ),
    FELINAR_KEEP_REJECTED_DAYS: keepDays(1, 30).describe('Rejected messages are deleted after this; 0: never'),
  })
  .superRefine(keepTiersInOrder)
  .superRefine(wholeProvider);

/** The settings under the names of the environment, validated. */
export type Environment = z.infer<typeof configSchema>;

/** Settings that may stand in a file: its path is in the variable of that name with `_FILE` behind it. */
export const FILE_SETTINGS: readonly (keyof Environment)[] = [
  'FELINAR_DATABASE_URL',
  'FELINAR_DATABASE_PASSWORD',
  'FELINAR_MQTT_PASSWORD',
  'FELINAR_MQTT_CA',
  'FELINAR_SMTP_URL',
  'FELINAR_LINK_SECRET',
  'FELINAR_OIDC_CLIENT_SECRET',
  'FELINAR_OIDC_ROLES',
];
