import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LINK_LIFE_MS, readLink, signLink } from './link-token.js';
import { REPLAY_WINDOW_MS, signWebhook, verifySignature } from './signature.js';

const NOW = Date.parse('2026-11-24T17:00:00Z');
const TIMESTAMP = NOW / 1000;
const body = '{"v":1}';

describe('the signature of a webhook', () => {
  const request = { body, timestamp: String(TIMESTAMP), signature: signWebhook('secret', TIMESTAMP, body) };

  it('is the HMAC that the documentation says', () => {
    const hex = createHmac('sha256', 'secret').update(`${TIMESTAMP}.${body}`).digest('hex');
    expect(request.signature).toBe(`v1=${hex}`);
    expect(verifySignature('secret', request, NOW)).toEqual({ ok: true, value: true });
    expect(verifySignature('secret', { ...request, signature: `v1=00, ${request.signature}` }, NOW).ok).toBe(true);
  });

  it.each([
    ['another body', { ...request, body: '{"v":2}' }, NOW, 'wrongSignature'],
    ['another time', { ...request, timestamp: String(TIMESTAMP + 1) }, NOW, 'wrongSignature'],
    ['no signature', { ...request, signature: undefined }, NOW, 'malformed'],
    ['no time', { ...request, timestamp: 'now' }, NOW, 'malformed'],
    ['a repetition after the window', request, NOW + REPLAY_WINDOW_MS + 1, 'outsideReplayWindow'],
    ['a time ahead of the window', request, NOW - REPLAY_WINDOW_MS - 1, 'outsideReplayWindow'],
  ] as const)('refuses %s', (_name, given, nowMs, error) => {
    expect(verifySignature('secret', given, nowMs)).toEqual({ ok: false, error });
  });

  it('refuses another secret', () => {
    expect(verifySignature('other', request, NOW)).toEqual({ ok: false, error: 'wrongSignature' });
  });
});

describe('the token of a link', () => {
  const claim = { deliveryId: '5b0c3a5e-0f0d-4f5c-8d0e-3a4c2b1d9e77', faultId: '17', expiresAtMs: NOW + LINK_LIFE_MS };
  const token = signLink('secret', claim);

  it('can be read until it expires, and fits a path', () => {
    expect(token).toMatch(/^[\w.-]{1,200}$/);
    expect(readLink('secret', token, NOW)).toEqual({ ok: true, value: claim });
    expect(readLink('secret', token, claim.expiresAtMs)).toEqual({ ok: false, error: 'expired' });
  });

  it('is worth nothing with another secret, or changed anywhere', () => {
    expect(readLink('other', token, NOW).ok).toBe(false);
    fc.assert(
      fc.property(fc.nat({ max: token.length - 1 }), fc.constantFrom('A', 'b', '0', '_', '.'), (at, character) => {
        const changed = token.slice(0, at) + character + token.slice(at + 1);
        expect(readLink('secret', changed, NOW).ok).toBe(changed === token);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => expect(readLink('secret', text, NOW).ok).toBe(false)));
  });
});
