import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { BatchPolls } from '../src/command-batches/batch-polls.js';
import { commandBatchPage, commandBatchView, lampCommandPage } from '../src/command-batches/command-batch.schema.js';
import { ApiUnderTest } from './support/api-under-test.js';
import { ControlStandIn } from './support/control-stand-in.js';

interface SseEvent {
  readonly event: string;
  readonly counts: Record<string, number>;
}

describe('command batches', () => {
  let api: ApiUnderTest;
  let control: ControlStandIn;

  beforeEach(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 4);
    control = new ControlStandIn(api);
  });
  afterEach(() => api.stop());

  const override = async (parts: object = {}) => {
    const expiresAt = new Date(api.nowMs + 3_600_000).toISOString();
    const body = { target: { kind: 'site' }, levelPercent: 60, expiresAt, ...parts };
    return (await api.post('/sites/BT/overrides', body)).body as { id: string; batches: string[]; events: string };
  };

  it('say what came of each lamp', async () => {
    const { id, batches } = await override();
    const path = `/sites/BT/command-batches/${batches[0]}`;
    const sent = await control.send();
    await control.answer(sent.slice(0, 1));
    await control.answer(sent.slice(1, 2), 'refused');
    expect(commandBatchView.parse((await api.get(path)).body)).toMatchObject({
      ...{ id: batches[0], kind: 'override', override: id, lamps: 4, finishedAt: null, cancelledAt: null },
      counts: { queued: 0, sent: 2, acknowledged: 1, failed: 1 },
    });
    const first = lampCommandPage.parse((await api.get(`${path}/commands?limit=3`)).body);
    expect(first.items.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['acknowledged', 1],
      ['failed', 1],
      ['sent', 1],
    ]);
    const rest = lampCommandPage.parse((await api.get(`${path}/commands?limit=3&cursor=${first.nextCursor}`)).body);
    expect(rest.items.map(({ lamp }) => lamp)).toEqual(['L-0004']);
    const failed = lampCommandPage.parse((await api.get(`${path}/commands?state=failed`)).body);
    expect(failed.items).toMatchObject([
      { lamp: 'L-0002', device: 'L-0002', levelPercent: 60, problem: 'the device refuses it: hot', deviceOnline: null },
    ]);
    expect((await api.get(`${path}/commands?state=lost`)).status).toBe(400);
  });

  it('are listed page by page, also those of one instant', async () => {
    await override({ target: { kind: 'lamps', addresses: ['L-0001'] } });
    await override({ target: { kind: 'lamps', addresses: ['L-0002'] } });
    await override({ target: { kind: 'lamps', addresses: ['L-0003'] } });
    const all = commandBatchPage.parse((await api.get('/sites/BT/command-batches')).body).items.map(({ id }) => id);
    expect(new Set(all).size).toBe(3);
    const pages: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = commandBatchPage.parse((await api.get(`/sites/BT/command-batches?limit=1${query}`)).body);
      pages.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(pages).toEqual(all);
    expect((await api.get('/sites/BT/command-batches?cursor=WyJ4Il0')).status).toBe(400);
  });

  it('are cancelled with their override, and lamps that were told are released', async () => {
    const { id, batches } = await override();
    const path = `/sites/BT/command-batches/${batches[0]}`;
    await control.answer((await control.send()).slice(0, 1));
    const answer = await api.post(`${path}/cancel`, undefined, await api.as('maria'));
    expect(answer.status).toBe(202);
    expect(commandBatchView.parse(answer.body)).toMatchObject({
      ...{ cancelledBy: 'maria', cancelledAt: expect.any(String), finishedAt: expect.any(String) },
      counts: { cancelled: 4 },
    });
    const { body } = await api.get(`/sites/BT/overrides/${id}`);
    expect(body).toMatchObject({ state: 'released', releasedBy: 'maria' });
    expect(await control.told()).toEqual({ 'L-0001': null, 'L-0002': null, 'L-0003': null, 'L-0004': null });
    expect((await api.post(`${path}/cancel`)).body).toMatchObject({
      status: 409,
      detail: expect.stringContaining('is finished'),
    });
    const release = await api.post(`/sites/BT/command-batches/${body.batches[0]}/cancel`);
    expect(release.body).toMatchObject({ status: 409, detail: expect.stringContaining('make an override') });
  });

  it('of the calendar are not cancelled', async () => {
    const id = '00000000-0000-4000-8000-000000000001';
    await api.database.query(
      `INSERT INTO command_batch (id, site_id, kind, created_at) VALUES ($1, 1, 'serverDriven', now())`,
      [id],
    );
    expect((await api.post(`/sites/BT/command-batches/${id}/cancel`)).body).toMatchObject({
      status: 409,
      detail: expect.stringContaining('change the calendar'),
    });
  });

  describe('stream their progress', () => {
    const follow = (path: string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
      fetch(`${api.url}${path}`, {
        headers: { authorization: api.authorization, ...headers },
        ...(signal === undefined ? {} : { signal }),
      });

    const reader = (response: Response) => {
      const events = eventsOf(response);
      return async () => (await events.next()).value as SseEvent | undefined;
    };

    it('at once, when it changes, and to its end', async () => {
      const { events } = await override();
      const response = await follow(events);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
      expect(response.headers.get('cache-control')).toContain('no-store');
      const next = reader(response);
      expect(await next()).toMatchObject({ event: 'progress', counts: { queued: 4 } });
      const sent = await control.send();
      expect(await next()).toMatchObject({ event: 'progress', counts: { queued: 0, sent: 4 } });
      await control.answer(sent, 'refused');
      expect(await next()).toMatchObject({ event: 'progress', counts: { failed: 4 } });
      expect(await next()).toMatchObject({ event: 'finished', counts: { failed: 4 }, finishedAt: expect.any(String) });
      expect(await next()).toBeUndefined();
      const again = await follow(events);
      expect((await again.text()).match(/^event: .*$/gm)).toEqual(['event: progress', 'event: finished']);
      expect((await follow(events, { 'last-event-id': 'finished' })).status).toBe(204);
    });

    it('until the session of the client ends, however long ago its token has', async () => {
      const { events } = await override();
      const open = await follow(events);
      const stays = reader(open);
      const ended = reader(await follow(events, await api.as('maria')));
      expect([(await stays())?.event, (await ended())?.event]).toEqual(['progress', 'progress']);
      expect((await api.delete('/users/maria/sessions')).status).toBe(204);
      api.wallMs += 20 * 60_000;
      expect((await api.get('/me')).status).toBe(401);
      expect(await ended()).toBeUndefined();
      await setTimeout(5_500);
      await control.send();
      expect(await stays()).toMatchObject({ event: 'progress', counts: { sent: 4 } });
    });

    it('until the client goes, and the process does not wait for clients when it stops', async () => {
      const { events } = await override();
      const abort = new AbortController();
      const gone = await follow(events, {}, abort.signal);
      expect(await reader(gone)()).toMatchObject({ event: 'progress' });
      const open = await follow(events);
      const next = reader(open);
      expect(await next()).toMatchObject({ event: 'progress' });
      const polls = api.provided(BatchPolls);
      expect(polls.size).toEqual({ batches: 1, followers: 2 });
      abort.abort();
      while (polls.size.followers > 1) await setTimeout(10);
      const stopped = api.stop();
      expect(await next()).toBeUndefined();
      await stopped;
      api = await ApiUnderTest.start();
    });
  });
});

/** The events of a stream, one after the other. */
async function* eventsOf(response: Response): AsyncGenerator<SseEvent> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of (response.body as ReadableStream<Uint8Array>).values()) {
    const blocks = (text + decoder.decode(chunk, { stream: true })).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const event = field('event');
      if (event !== undefined) yield { event, ...JSON.parse(field('data') ?? '{}') };
    }
  }
}
