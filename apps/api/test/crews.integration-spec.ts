import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LINK_LIFE_MS, signLink } from '#libs/alerts';
import { ownSecret } from '#libs/storage';
import { channelView, channelWithSecret } from '../src/crews/channel.schema.js';
import { deliveryView } from '../src/crews/delivery.schema.js';
import { ApiUnderTest } from './support/api-under-test.js';

const CREW = { address: 'NORTH', name: 'Echipa Nord', language: 'ro' };
const EMAIL = { kind: 'email', target: 'nord@botosani.example' };

describe('crews', () => {
  let api: ApiUnderTest;
  const channels = '/sites/BT/crews/NORTH/channels';

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 3);
    await api.post('/sites/BT/crews', CREW);
  });

  afterAll(() => api.stop());

  it('are created, changed with their version in mind, listed and deleted', async () => {
    const created = await api.post('/sites/BT/crews', { address: 'SOUTH', name: 'South' });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe('/api/v1/sites/BT/crews/SOUTH');
    expect(created.body).toMatchObject({ address: 'SOUTH', language: 'en', channelCount: 0, version: 1 });
    expect((await api.post('/sites/BT/crews', { address: 'SOUTH', name: 'South' })).status).toBe(409);
    const tag = { 'if-match': String(created.headers.get('etag')) };
    expect((await api.patch('/sites/BT/crews/SOUTH', { language: 'ro' }, tag)).body).toMatchObject({ version: 2 });
    expect((await api.patch('/sites/BT/crews/SOUTH', { language: 'en' }, tag)).status).toBe(412);
    expect((await api.patch('/sites/BT/crews/SOUTH', { language: 'fr' })).status).toBe(400);
    const list = (await api.get('/sites/BT/crews')).body.items as { address: string }[];
    expect(list.map(({ address }) => address)).toEqual(['NORTH', 'SOUTH']);
    expect((await api.delete('/sites/BT/crews/SOUTH', tag)).status).toBe(412);
    expect((await api.delete('/sites/BT/crews/SOUTH')).status).toBe(204);
    expect((await api.get('/sites/BT/crews/SOUTH')).status).toBe(404);
  });

  it('have channels, whose secret is shown once', async () => {
    const asked = {
      ...{ kind: 'webhook', target: 'https://example.org/felinar?key=1', minimumSeverity: 'major' },
      area: { kind: 'listed', groups: ['CENTRE'], cabinets: ['CAB-02', 'CAB-01'] },
      hours: [{ weekdays: [1, 2], from: '07:00', to: '16:00' }],
      ...{ digestAt: '06:30', escalationAfterMin: { critical: 15 } },
    };
    const created = await api.post(channels, asked);
    expect(created.status).toBe(201);
    const { secret, ...view } = channelWithSecret.parse(created.body);
    expect(secret).toMatch(/^whsec_[\w-]{43}$/);
    expect(view).toMatchObject({ ...asked, area: { ...asked.area, cabinets: ['CAB-01', 'CAB-02'] }, version: 1 });
    const location = String(created.headers.get('location')).replace('/api/v1', '');
    expect(location).toBe(`${channels}/${view.id}`);
    const read = await api.get(location);
    expect(channelView.parse(read.body)).toEqual(view);
    expect((await api.get(channels)).text).not.toContain(secret);

    const tag = { 'if-match': '"1"' };
    const changed = await api.patch(location, { area: { kind: 'site' }, digestAt: null }, tag);
    expect(changed.body).toMatchObject({
      area: { kind: 'site' },
      digestAt: null,
      minimumSeverity: 'major',
      version: 2,
    });
    expect((await api.patch(location, { area: { kind: 'site' } })).body.version).toBe(2);
    expect((await api.patch(location, { digestAt: '07:00' }, tag)).status).toBe(412);
    const renewed = await api.post(`${location}/secret`);
    expect(renewed.status).toBe(200);
    expect(renewed.body.secret).not.toBe(secret);
    expect((await api.delete(location)).status).toBe(204);
    expect((await api.get(location)).status).toBe(404);
  });

  it.each([
    [{ ...EMAIL, target: 'nobody' }, '/target'],
    [{ kind: 'webhook', target: 'http://169.254.169.254/latest' }, '/target'],
    [{ kind: 'webhook', target: 'http://localhost:3000/' }, '/target'],
    [{ kind: 'webhook', target: 'ftp://example.org/' }, '/target'],
    [{ ...EMAIL, events: [] }, '/events'],
    [{ ...EMAIL, area: { kind: 'listed', groups: ['NOWHERE'] } }, '/area/groups/0'],
    [{ ...EMAIL, area: { kind: 'listed', cabinets: ['CAB-01', 'CAB-09'] } }, '/area/cabinets/1'],
  ])('refuse a channel that could not deliver: %j', async (body, pointer) => {
    const answer = await api.post(channels, body);
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });

  it.each([
    [{ ...EMAIL, area: { kind: 'listed' } }],
    [{ ...EMAIL, hours: [{ weekdays: [1, 1], from: '07:00', to: '16:00' }] }],
    [{ ...EMAIL, digestAt: '24:00' }],
    [{ ...EMAIL, escalationAfterMin: {} }],
    [{ ...EMAIL, escalationAfterMin: { critical: 0 } }],
    [{ ...EMAIL, secret: 'mine' }],
  ])('refuse a malformed channel: %j', async (body) => {
    expect((await api.post(channels, body)).status).toBe(400);
  });

  it('keep the groups and cabinets that their channels are about', async () => {
    await api.post('/sites/BT/groups', { address: 'KEPT', name: 'Kept' });
    const { id } = (await api.post(channels, { ...EMAIL, area: { kind: 'listed', groups: ['KEPT'] } })).body;
    expect((await api.delete('/sites/BT/groups/KEPT')).status).toBe(409);
    await api.delete(`${channels}/${id}`);
    expect((await api.delete('/sites/BT/groups/KEPT')).status).toBe(204);
  });

  it('are sent a test, and what is dead is seen and tried again', async () => {
    const { id } = (await api.post(channels, EMAIL)).body;
    const asked = await api.post(`${channels}/${id}/test`);
    expect(asked.status).toBe(202);
    const delivery = deliveryView.parse(asked.body);
    expect(delivery).toMatchObject({ kind: 'test', state: 'pending', crew: 'NORTH', fault: null, attempts: 0 });
    const path = String(asked.headers.get('location')).replace('/api/v1', '');
    expect((await api.get(path)).body).toEqual(delivery);
    expect((await api.post(`${path}/retry`)).status).toBe(409);
    await api.pool.query(`UPDATE delivery SET state = 'dead', attempts = 9, problem = 'no such user' WHERE id = $1`, [
      delivery.id,
    ]);
    const dead = (await api.get('/sites/BT/deliveries?state=dead')).body.items;
    expect(dead).toMatchObject([{ id: delivery.id, problem: 'no such user', dueAt: null }]);
    expect((await api.post(`${path}/retry`)).body).toMatchObject({ state: 'pending', attempts: 0 });
    expect((await api.get('/sites/BT/deliveries?state=dead')).body.items).toEqual([]);
    await api.delete(`${channels}/${id}`);
  });

  describe('acknowledge by link', () => {
    const page = { accept: 'text/html,*/*;q=0.8' };

    /** A fault that has been told, and the token in the message. */
    async function told(lamp: string): Promise<{ token: string; fault: string }> {
      const { id: channel } = (await api.post(channels, EMAIL)).body as { id: string };
      const { rows } = await api.pool.query<{ delivery: string; fault: string }>(
        `WITH f AS (
           INSERT INTO fault (site_id, kind, severity, subject_kind, subject, lamp_id, device, phase, state, evidence, seen_at)
           SELECT site_id, 'lampFailure', 'major', 'lamp', 'lamp:' || id, id, device, 'open', '{}', '<b>dark</b>', now()
           FROM lamp WHERE address = $1 RETURNING id, site_id),
         a AS (INSERT INTO alert (site_id, fault_id, event, created_at, routed_at) SELECT site_id, id, 'opened', now(), now() FROM f
           RETURNING id, fault_id, site_id)
         INSERT INTO delivery (site_id, channel_id, kind, alert_id, fault_id, state, created_at, due_at, give_up_at)
         SELECT site_id, $2, 'alert', id, fault_id, 'delivered', now(), now(), now() FROM a RETURNING id AS delivery, fault_id AS fault`,
        [lamp, channel],
      );
      const { delivery, fault } = rows[0] as { delivery: string; fault: string };
      const secret = await ownSecret(api.pool, 'link');
      return {
        token: signLink(secret, { deliveryId: delivery, faultId: fault, expiresAtMs: api.nowMs + LINK_LIFE_MS }),
        fault,
      };
    }

    const stateOf = async (fault: string) =>
      (
        await api.pool.query(
          `SELECT acknowledged_by AS by, acknowledged_at AS at, version,
             (SELECT json_agg(event || ': ' || by) FROM fault_history WHERE fault_id = fault.id) AS history FROM fault WHERE id = $1`,
          [fault],
        )
      ).rows[0];

    it('when the button is pressed, not when the link is opened; once', async () => {
      const { token, fault } = await told('L-0001');
      const path = `/acknowledge/${token}`;
      const asked = await api.get(path, page);
      expect([asked.status, asked.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
      expect(asked.headers.get('cache-control')).toBe('no-store');
      expect(asked.text).toContain('<form method="post">');
      expect(asked.text).toContain('Lampa este stinsă');
      expect(asked.text).toContain('&lt;b&gt;dark');
      await api.get(path, page);
      expect(await stateOf(fault)).toMatchObject({ by: null, version: 1 });

      const [one, two] = await Promise.all([api.post(path, undefined, page), api.post(path, undefined, page)]);
      expect([one.status, two.status].sort()).toEqual([200, 410]);
      const by = 'Echipa Nord (nord@botosani.example)';
      expect(await stateOf(fault)).toEqual({
        by,
        at: new Date(api.nowMs),
        version: 2,
        history: [`acknowledged: ${by}`],
      });
      const late = await api.get(path);
      expect([late.status, late.body.detail]).toEqual([410, expect.stringContaining('works once')]);
      expect((await api.get(path, page)).text).toContain('o singură dată');
    });

    it('says when somebody else was faster', async () => {
      const { token, fault } = await told('L-0002');
      await api.pool.query(`UPDATE fault SET acknowledged_at = now(), acknowledged_by = 'Maria' WHERE id = $1`, [
        fault,
      ]);
      expect((await api.post(`/acknowledge/${token}`, undefined, page)).text).toContain('deja preluat de Maria');
      expect(await stateOf(fault)).toMatchObject({ by: 'Maria', history: null });
    });

    it('not with a link that has expired, is forged, or whose channel is gone', async () => {
      const { token, fault } = await told('L-0003');
      const forged = signLink('another secret', { deliveryId: crypto.randomUUID(), faultId: fault, expiresAtMs: 9e12 });
      expect((await api.post(`/acknowledge/${forged}`)).status).toBe(404);
      expect((await api.get('/acknowledge/nonsense')).body).toMatchObject({ status: 404 });
      api.nowMs += LINK_LIFE_MS;
      expect((await api.post(`/acknowledge/${token}`)).body).toMatchObject({ status: 410 });
      api.nowMs -= LINK_LIFE_MS;
      for (const { id } of (await api.get(channels)).body.items) await api.delete(`${channels}/${id}`);
      expect((await api.post(`/acknowledge/${token}`, undefined, page)).status).toBe(404);
      expect(await stateOf(fault)).toMatchObject({ by: null, history: null });
    });
  });
});
