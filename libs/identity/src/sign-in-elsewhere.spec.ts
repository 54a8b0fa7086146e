import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { derivedSecret, isLocalPath, meetsChallenge } from './sign-in-elsewhere.js';

describe('a path to return to', () => {
  const HERE = 'https://felinar.example';
  /** What browsers have been led away with. */
  const piece = fc.constantFrom(
    ...[
      '/',
      '\\',
      '//',
      '..',
      '.',
      '@',
      ':',
      '?',
      '#',
      '%',
      '%2f',
      '%5c',
      '\t',
      '\n',
      '\r',
      '\u0000',
      ' ',
      'https:',
      'javascript:',
    ],
    ...['evil.example', 'docs', '&', '=', 'ä', '；', '／', '\u202e'],
  );
  const path = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((parts) => parts.join('')),
    fc.array(piece).map((parts) => `/${parts.join('')}`),
  );

  it('leads here, however a browser reads it, and is a header of one line', () => {
    fc.assert(
      fc.property(path, (text) => {
        if (!isLocalPath(text)) return;
        expect(new URL(text, HERE).origin).toBe(HERE);
        expect(new URL(`${HERE}${text}`).origin).toBe(HERE);
        expect(new URL(`${HERE}${text}#felinarCode=x`).hash).toBe('#felinarCode=x');
        expect(text).toMatch(/^[\x21-\x7e]+$/);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(['/', '/docs', '/docs?tab=1&x=%20', '/app/lamps/BT-0001', "/a(b)'c"])('%s is one', (text) => {
    expect(isLocalPath(text)).toBe(true);
  });

  it.each(['', 'docs', '//evil.example', '/\\evil.example', '/docs#x', '/a b', '/ä', `/${'x'.repeat(600)}`])(
    '%s is none',
    (text) => {
      expect(isLocalPath(text)).toBe(false);
    },
  );
});

describe('secrets of a sign-in', () => {
  it('differ for each purpose and browser, and are long enough for PKCE', () => {
    const secrets = ['a', 'b'].flatMap((browser) =>
      ['nonce 1', 'nonce 2', 'verifier 1'].map((what) => derivedSecret(browser, what)),
    );
    expect(new Set(secrets).size).toBe(6);
    for (const secret of secrets) expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(derivedSecret('a', 'nonce 1')).toBe(secrets[0]);
  });

  it('meet their challenge and no other', () => {
    // RFC 7636, appendix B.
    const [verifier, challenge] = [
      'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    ];
    expect(meetsChallenge(verifier, challenge)).toBe(true);
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const made = createHash('sha256').update(a).digest('base64url');
        expect(meetsChallenge(b, made)).toBe(a === b);
        expect(meetsChallenge(a, b)).toBe(false);
      }),
    );
  });
});
