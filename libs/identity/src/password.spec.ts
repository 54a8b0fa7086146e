import { describe, expect, it } from '@jest/globals';
import { hashPassword, isOutdated, newPassword, passwordProblem, verifyPassword } from './password.js';

describe('passwords', () => {
  it('are kept as Argon2id with what OWASP asks for, each with its own salt', async () => {
    const [a, b] = await Promise.all([hashPassword('a long sentence'), hashPassword('a long sentence')]);
    expect(a).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(a).not.toBe(b);
    expect(isOutdated(a)).toBe(false);
    expect(isOutdated(a.replace('m=19456', 'm=4096'))).toBe(true);
  });

  it('are recognised, and nothing else is', async () => {
    const hash = await hashPassword('a long sentence');
    expect(await verifyPassword('a long sentence', hash)).toBe(true);
    expect(await verifyPassword('a long sentencE', hash)).toBe(false);
    expect(await verifyPassword('', hash)).toBe(false);
    expect(await verifyPassword('a long sentence', undefined)).toBe(false);
    expect(await verifyPassword('a long sentence', null)).toBe(false);
  });

  it('are the same however an accent is typed', async () => {
    const hash = await hashPassword('Botos\u0327ani noaptea');
    expect(await verifyPassword('Boto\u015fani noaptea', hash)).toBe(true);
  });

  it('agrees with another implementation', async () => {
    // echo -n password | argon2 somesalt -id -t 2 -k 256 -p 1 -l 32 -e (the reference implementation's own test vector)
    const hash = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
    expect(await verifyPassword('password', hash)).toBe(true);
  });

  it('refuses to verify against what is no hash', async () => {
    await expect(verifyPassword('x', 'plain')).rejects.toThrow('Argon2id');
  });

  it.each([
    ['short', 'must be 12'],
    ['x'.repeat(201), 'at the most'],
    ['my name is maria', 'user name'],
    ['felinar botosani', 'name of the system'],
    ['abababababab', 'different characters'],
    ['a quiet street at night', undefined],
  ])('%s: %s', (password, problem) => {
    const found = passwordProblem(password, 'maria');
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });

  it('that nobody chose are accepted, and differ', () => {
    const made = Array.from({ length: 50 }, newPassword);
    expect(new Set(made).size).toBe(50);
    for (const password of made) {
      expect(password).toMatch(/^[a-km-z2-9]{5}(-[a-km-z2-9]{5}){4}$/);
      expect(passwordProblem(password, 'admin')).toBeUndefined();
    }
  });
});
