import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { readLink, verifySignature } from '#libs/alerts';
import { claimDeliveries, ownSecret, readMessages, retryDelivery } from '#libs/storage';
import { waitFor } from '#libs/testing';
import { AlertRouter } from '../src/alerts/alert-router.js';
import { Deliverer } from '../src/alerts/deliverer.js';
import { EmailSender } from '../src/alerts/email-sender.js';
import { lookup } from 'node:dns';
import { guardedLookup, PrivateAddress } from '../src/alerts/guarded-lookup.js';
import { WebhookSender } from '../src/alerts/webhook-sender.js';
import { AlertsUnderTest, MINUTE_MS } from './support/alerts-under-test.js';
import { MailServer } from './support/mail-server.js';
import { Receiver } from './support/receiver.js';

const HOUR_MS = 60 * MINUTE_MS;
const CREW_MAIL = { kind: 'email', target: 'nord@botosani.example' } as const;

describe('alerts', () => {
  let alerts: AlertsUnderTest;
  let mail: MailServer;
  let receiver: Receiver;

  beforeEach(async () => {
    mail = await new MailServer().start();
    receiver = await new Receiver().start();
    alerts = await AlertsUnderTest.start();
  });

  afterEach(async () => {
    await alerts.stop();
    await receiver.stop();
    await mail.stop();
  });

  const run = () => alerts.run({ FELINAR_SMTP_URL: mail.url });

  it('come by email by themselves, with place, cause, and a link that names who may acknowledge', async () => {
    await alerts.channel(CREW_MAIL);
    await run();
    const fault = await alerts.fault(1);
    await waitFor('the mail', () => mail.received.length === 1);
    await alerts.settled();
    const [got] = mail.received;
    const [delivery] = await alerts.rows<{ id: string; state: string }>('SELECT id, state FROM delivery');
    expect(delivery?.state).toBe('delivered');
    expect(got?.to).toBe(CREW_MAIL.target);
    expect(got?.messageId).toBe(`<${delivery?.id}@felinar.example>`);
    expect(got?.subject).toBe('[Felinar] Lamp is dark: BT-0001, Strada Mare');
    expect(got?.text).toContain('Strada Mare, pole 1, cabinet CAB-1, circuit C2');
    expect(got?.text).toContain('LED module or driver');
    const token = /https:\/\/felinar\.example\/api\/v1\/acknowledge\/([\w.-]+)/.exec(got?.text ?? '')?.[1] ?? '';
    const claim = readLink(await ownSecret(alerts.pool, 'link'), token, alerts.clock.nowMs());
    expect(claim).toMatchObject({ ok: true, value: { deliveryId: delivery?.id, faultId: fault } });
  });

  it('are delivered once after the mail server was down for an hour', async () => {
    await alerts.channel(CREW_MAIL);
    await run();
    await mail.stop();
    await alerts.fault(1);
    await alerts.settled();
    for (let minute = 0; minute < 60; minute += 1) await alerts.pass(MINUTE_MS);
    const [waiting] = await alerts.rows<{ attempts: number; problem: string; state: string }>(
      'SELECT attempts, problem, state FROM delivery',
    );
    // 1 + 2 + 4 + 8 + 16 + 32 minutes, some less by chance.
    expect(waiting).toMatchObject({ state: 'pending', problem: expect.stringContaining('ECONNREFUSED') });
    expect(waiting?.attempts).toBeGreaterThanOrEqual(6);
    expect(waiting?.attempts).toBeLessThanOrEqual(8);
    expect(await alerts.metric('felinar_monitor_oldest_pending_delivery_seconds')).toBe(3600);
    await mail.start();
    for (let quarter = 0; quarter < 8; quarter += 1) await alerts.pass(15 * MINUTE_MS);
    expect(mail.received).toHaveLength(1);
    expect(await alerts.states()).toEqual(['delivered']);
  }, 60_000);

  it('are dead at once when refused for good, shown as such, and tried again when somebody asks', async () => {
    await alerts.channel(CREW_MAIL);
    await run();
    mail.refusal = { code: 550, text: 'no such user' };
    await alerts.fault(1);
    await alerts.settled();
    const [dead] = await alerts.rows<{ id: string; state: string; attempts: number; problem: string }>(
      'SELECT id, state, attempts, problem FROM delivery',
    );
    expect(dead).toMatchObject({ state: 'dead', attempts: 1, problem: expect.stringContaining('no such user') });
    expect(await alerts.metric('felinar_monitor_deliveries{state="dead"}')).toBe(1);
    mail.refusal = undefined;
    await alerts.pass(HOUR_MS);
    expect(mail.received).toEqual([]);
    expect(await retryDelivery(alerts.pool, 1, dead?.id ?? '', alerts.clock.nowMs())).toBe(true);
    await alerts.settled();
    expect(mail.received).toHaveLength(1);
    expect(await retryDelivery(alerts.pool, 1, dead?.id ?? '', alerts.clock.nowMs())).toBe(false);
  });

  it('that a busy server puts off are given up after 48 hours', async () => {
    await alerts.channel(CREW_MAIL);
    await run();
    mail.refusal = { code: 451, text: 'later' };
    await alerts.fault(1);
    await alerts.settled();
    for (let hour = 0; hour < 47; hour += 1) await alerts.pass(HOUR_MS);
    expect(await alerts.states()).toEqual(['pending']);
    await alerts.pass(HOUR_MS);
    expect(await alerts.rows('SELECT state, problem FROM delivery')).toEqual([
      { state: 'dead', problem: expect.stringMatching(/^given up after \d+ tries: SMTP: .*later/) },
    ]);
  }, 60_000);

  it('wait when there is no mail server configured', async () => {
    await alerts.channel(CREW_MAIL);
    await alerts.run();
    await alerts.fault(1);
    await alerts.settled();
    expect(await alerts.rows('SELECT state, problem FROM delivery')).toEqual([
      { state: 'pending', problem: expect.stringContaining('FELINAR_SMTP_URL is not set') },
    ]);
  });

  describe('to a webhook', () => {
    it('are signed, and repeated under the same id until they are taken', async () => {
      const { secret } = await alerts.channel({ kind: 'webhook', target: receiver.url });
      await run();
      receiver.answers = [500, 429];
      await alerts.fault(1);
      await alerts.settled();
      await alerts.pass(2 * MINUTE_MS);
      await alerts.pass(4 * MINUTE_MS);
      expect(receiver.calls).toHaveLength(3);
      const ids = receiver.calls.map(({ headers }) => headers['felinar-delivery']);
      expect(new Set(ids).size).toBe(1);
      const [last] = receiver.calls.slice(-1);
      const request = {
        body: last?.body ?? '',
        timestamp: String(last?.headers['felinar-timestamp']),
        signature: String(last?.headers['felinar-signature']),
      };
      expect(verifySignature(secret, request, alerts.clock.nowMs())).toEqual({ ok: true, value: true });
      expect(verifySignature(secret, { ...request, body: `${request.body} ` }, alerts.clock.nowMs()).ok).toBe(false);
      expect(JSON.parse(request.body)).toMatchObject({
        ...{ v: 1, delivery: ids[0], kind: 'alert', site: { address: 'BT' }, crew: { address: 'NORTH' } },
        alerts: [{ event: 'opened', fault: { kind: 'lampFailure', lamp: 'BT-0001', cabinet: 'CAB-1', lampCount: 1 } }],
      });
      expect(await alerts.states()).toEqual(['delivered']);
    });

    it.each([
      [410, 'the receiver answered 410'],
      [302, 'redirects are not followed'],
    ])('are dead at once when it answers %i', async (status, problem) => {
      await alerts.channel({ kind: 'webhook', target: receiver.url });
      await run();
      receiver.answers = [status];
      await alerts.fault(1);
      await alerts.settled();
      expect(await alerts.rows('SELECT state, problem FROM delivery')).toEqual([
        { state: 'dead', problem: expect.stringContaining(problem) },
      ]);
    });

    it('do not reach into the own network, also by a name', async () => {
      const { port } = new URL(receiver.url);
      await alerts.channel({ kind: 'webhook', target: receiver.url });
      await alerts.channel({ kind: 'webhook', target: `http://[::1]:${port}/` });
      await alerts.run({ FELINAR_WEBHOOK_ALLOW_PRIVATE: 'false' });
      await alerts.fault(1);
      await alerts.settled();
      expect(await alerts.states()).toEqual(['dead', 'dead']);
      // A name gets past the look at the URL, and not past the look at the addresses it has.
      const refused = new Promise((resolve) =>
        guardedLookup(lookup)('localhost', { all: true }, (error) => resolve(error)),
      );
      expect(await refused).toBeInstanceOf(PrivateAddress);
      expect(receiver.calls).toEqual([]);
    });
  });

  it('of a process that died after sending come again under the same id, when its lease has ended', async () => {
    await alerts.channel(CREW_MAIL);
    await alerts.channel({ kind: 'webhook', target: receiver.url });
    await alerts.fault(1);
    await new AlertRouter(alerts.pool, alerts.clock, { routed: { inc: () => undefined } } as never).round();
    // What the process did before it was killed: it claimed and sent, and noted nothing.
    const bounds = { leaseMs: MINUTE_MS, take: 8, takePerChannel: 2 };
    const claimed = await claimDeliveries(alerts.pool, alerts.clock.nowMs(), bounds);
    const messages = await readMessages(
      alerts.pool,
      claimed.map(({ id }) => id),
    );
    for (const { id, channel, ...message } of messages.values()) {
      const sent = { ...message, deliveryId: id, notices: [] };
      if (channel.kind === 'email')
        await new EmailSender(mail.url, 'alerts@felinar.example').send(sent, channel.target);
      else await new WebhookSender(true).send(sent, channel.target, channel.secret ?? '', alerts.clock.nowMs());
    }
    await run();
    await alerts.pass(MINUTE_MS / 2);
    expect([mail.received.length, receiver.calls.length]).toEqual([1, 1]);
    await alerts.pass(MINUTE_MS / 2);
    expect([mail.received.length, receiver.calls.length]).toEqual([2, 2]);
    expect(new Set(mail.received.map(({ messageId }) => messageId)).size).toBe(1);
    expect(new Set(receiver.calls.map(({ headers }) => headers['felinar-delivery'])).size).toBe(1);
    expect(await alerts.states()).toEqual(['delivered', 'delivered']);
  });

  it('come once when the database was away for long after the receiver had taken them', async () => {
    await alerts.channel({ kind: 'webhook', target: receiver.url });
    await run();
    await alerts.fault(1);
    await waitFor('the message', () => receiver.calls.length === 1);
    // Whether or not the note had been quicker: the next one is not.
    const away = () => alerts.pool.query('ALTER TABLE delivery RENAME TO delivery_away');
    receiver.onCall = away;
    await alerts.fault(2);
    await waitFor('the second message', () => receiver.calls.length === 2);
    await delay(6_000);
    receiver.onCall = undefined;
    await alerts.pool.query('ALTER TABLE delivery_away RENAME TO delivery');
    await waitFor('the note', async () => !(await alerts.states()).includes('pending'));
    await alerts.pass(10 * MINUTE_MS);
    expect(receiver.calls).toHaveLength(2);
    expect(await alerts.states()).toEqual(['delivered', 'delivered']);
  });

  it('are not claimed by another process while they are in hand, however long that takes', async () => {
    await alerts.channel({ kind: 'webhook', target: receiver.url });
    await alerts.fault(1);
    const metrics = { routed: { inc: () => undefined }, tries: { inc: () => undefined } } as never;
    const clock = { nowMs: () => Date.now(), speed: 1 };
    await new AlertRouter(alerts.pool, alerts.clock, metrics).round();
    const slow = { send: () => delay(1_500, { kind: 'accepted' as const }) } as never;
    const deliverer = new Deliverer({
      ...{ pool: alerts.pool, clock, metrics, email: slow, webhook: slow },
      ...{ links: { publicUrl: undefined, secret: 'x' }, isStopping: () => false, leaseWallMs: 400 },
    });
    const round = deliverer.round();
    await waitFor(
      'the claim',
      async () => (await alerts.rows('SELECT 1 FROM delivery WHERE attempts = 1')).length === 1,
    );
    const bounds = { leaseMs: 400, take: 8, takePerChannel: 2 };
    for (let look = 0; look < 10; look += 1) {
      expect(await claimDeliveries(alerts.pool, Date.now(), bounds)).toEqual([]);
      await delay(100);
    }
    await round;
    expect(await alerts.states()).toEqual(['delivered']);
  });

  it('are claimed by one of two processes', async () => {
    await alerts.channel(CREW_MAIL);
    await run();
    await run();
    for (let lamp = 1; lamp <= 6; lamp += 1) await alerts.fault(lamp);
    await waitFor(
      'all mails',
      async () => (await alerts.states()).filter((state) => state === 'delivered').length === 6,
    );
    await alerts.settled();
    expect(mail.received).toHaveLength(6);
  });

  it('go to whom they concern: area, severity, events', async () => {
    const to = async (target: string, parts: object) => alerts.channel({ ...CREW_MAIL, target, ...parts });
    await to('centre@x.example', { area: { kind: 'listed', groups: ['CENTRE'], cabinets: [] } });
    await to('cab2@x.example', { area: { kind: 'listed', groups: [], cabinets: ['CAB-2'] } });
    await to('major@x.example', { minimumSeverity: 'major' });
    await to('cleared@x.example', { events: ['cleared'] });
    await run();
    await alerts.fault(1, { severity: 'minor', kind: 'lampPowerTooLow' });
    const outage = await alerts.fault(5, { severity: 'critical', kind: 'supplyLoss' });
    await alerts.settled();
    expect(mail.received.map(({ to: address }) => address).sort()).toEqual([
      'cab2@x.example',
      'centre@x.example',
      'major@x.example',
    ]);
    await alerts.pool.query(`UPDATE fault SET phase = 'cleared', cleared_at = now() WHERE id = $1`, [outage]);
    await alerts.alert(outage, 'cleared');
    await alerts.settled();
    expect(
      mail.received
        .slice(3)
        .map(({ to: address }) => address)
        .sort(),
    ).toEqual(['cab2@x.example', 'cleared@x.example', 'major@x.example']);
    expect(mail.received.at(-1)?.subject).toContain('Cleared: Lamp has lost its supply');
    expect(mail.received.at(-1)?.text).not.toContain('/acknowledge/');
    expect(await alerts.metric('felinar_monitor_alerts_routed_total{to="somebody"}')).toBe(3);
  });

  it('of parts of a larger fault are not told', async () => {
    await alerts.channel(CREW_MAIL);
    const cabinet = await alerts.fault(1, { severity: 'critical', kind: 'cabinetOutage' });
    const part = await alerts.fault(2);
    await alerts.pool.query('UPDATE fault SET parent_id = $1 WHERE id = $2', [cabinet, part]);
    await run();
    await alerts.settled();
    expect(mail.received).toHaveLength(1);
  });

  it('of low severity come as one digest at its time, those that matter at once', async () => {
    await alerts.channel({ ...CREW_MAIL, digestAt: '07:00' });
    await run();
    await alerts.fault(1, { severity: 'minor', kind: 'lampPowerTooLow' });
    const flapping = await alerts.fault(2, { severity: 'warning', kind: 'clockDrift' });
    await alerts.fault(3, { severity: 'critical', kind: 'leakageDetected' });
    await alerts.settled();
    await alerts.alert(flapping, 'cleared');
    await alerts.settled();
    expect(mail.received).toHaveLength(1);
    expect(mail.received[0]?.subject).toContain('Current leaks to earth');
    // 19:31 in Botosani; 07:00 is 11 h 29 min away.
    await alerts.pass(11 * HOUR_MS + 28 * MINUTE_MS);
    expect(mail.received).toHaveLength(1);
    await alerts.pass(MINUTE_MS);
    expect(mail.received).toHaveLength(2);
    expect(mail.received[1]?.text).toContain('2 faults.');
    expect(mail.received[1]?.text).toContain('Cleared: Device’s clock is wrong');
    expect((await alerts.states()).sort()).toEqual(['collected', 'collected', 'collected', 'delivered', 'delivered']);
    await alerts.pass(24 * HOUR_MS);
    expect(mail.received).toHaveLength(2);
  });

  it('of low severity wait for the hours of the channel, those that matter do not', async () => {
    await alerts.channel({ ...CREW_MAIL, hours: [{ weekdays: [1, 2, 3, 4, 5], from: '08:00', to: '16:00' }] });
    await run();
    await alerts.fault(1, { severity: 'minor', kind: 'lampPowerTooLow' });
    await alerts.fault(2, { severity: 'major' });
    await alerts.settled();
    expect(mail.received.map(({ subject }) => subject)).toEqual(['[Felinar] Lamp is dark: BT-0002, Strada Mare']);
    await alerts.pass(13 * HOUR_MS);
    expect(mail.received).toHaveLength(2);
    await alerts.fault(4, { severity: 'minor', kind: 'lampPowerTooLow' });
    await alerts.settled();
    expect(mail.received).toHaveLength(3);
  });

  it('are escalated once for each step while nobody acknowledges', async () => {
    await alerts.channel(CREW_MAIL);
    const boss = { kind: 'email', target: 'boss@botosani.example', events: [] } as const;
    await alerts.channel({ ...boss, escalationAfterMin: { critical: 15, major: 60 } });
    await alerts.channel({
      ...boss,
      target: 'mayor@botosani.example',
      escalationAfterMin: { critical: 120, major: 120 },
    });
    await alerts.channel({
      ...boss,
      target: 'other@x.example',
      area: { kind: 'listed', groups: [], cabinets: ['CAB-2'] },
      escalationAfterMin: { major: 1 },
    });
    await run();
    const unseen = await alerts.fault(1);
    const seen = await alerts.fault(2);
    await alerts.settled();
    await alerts.pool.query(`UPDATE fault SET acknowledged_at = now(), acknowledged_by = 'Maria' WHERE id = $1`, [
      seen,
    ]);
    await alerts.pass(59 * MINUTE_MS);
    expect(mail.received).toHaveLength(2);
    await alerts.pass(MINUTE_MS);
    expect(mail.received.slice(2).map(({ to }) => to)).toEqual([boss.target]);
    expect(mail.received[2]?.subject).toBe('[Felinar] Nobody has acknowledged: Lamp is dark: BT-0001, Strada Mare');
    await alerts.pass(HOUR_MS);
    await alerts.pass(24 * HOUR_MS);
    expect(mail.received.slice(3).map(({ to }) => to)).toEqual(['mayor@botosani.example']);
    const history = await alerts.rows(`SELECT fault_id, event, text FROM fault_history ORDER BY id`);
    expect(history).toEqual([
      { fault_id: unseen, event: 'escalated', text: 'to Echipa Nord: not acknowledged within 60 min' },
      { fault_id: unseen, event: 'escalated', text: 'to Echipa Nord: not acknowledged within 120 min' },
    ]);
  });
});
