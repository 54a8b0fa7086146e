import { argon2, randomBytes, randomInt } from 'node:crypto';
import { isSameSecret } from './token.js';

/** OWASP's first choice for Argon2id: 19 MiB, two passes, one lane. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const SALT_BYTES = 16;
const TAG_BYTES = 32;
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

export const PASSWORD_MIN_LENGTH = 12;
export const PASSWORD_MAX_LENGTH = 200;

/** Without letters and digits that look alike: people copy it from a screen. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const NEW_LENGTH = 25;

interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}
const COST: Cost = { memory: MEMORY_KIB, passes: PASSES, parallelism: LANES };

/** What is stored of a password, in PHC form: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. */
export async function hashPassword(password: string, salt: Buffer = randomBytes(SALT_BYTES)): Promise<string> {
  return phc(salt, await derive(password, salt, COST, TAG_BYTES));
}

/** Of a password that nobody has: verifying against it takes as long as against a real one. */
const NOBODY = phc(randomBytes(SALT_BYTES), randomBytes(TAG_BYTES));

/**
 * Whether `password` is the one. Takes as long when there is no such user (`hash` undefined): who has an account must not show in the
 * time of an answer.
 */
export async function verifyPassword(password: string, hash: string | undefined | null): Promise<boolean> {
  const parsed = parse(hash ?? NOBODY);
  if (parsed === undefined) throw new Error('a stored password hash is not Argon2id in PHC form');
  const tag = await derive(password, parsed.salt, parsed.cost, parsed.tag.length);
  return isSameSecret(tag, parsed.tag) && hash !== undefined && hash !== null;
}

/** Whether a hash was made with less than what is asked for today: it is made anew at the next sign-in. */
export function isOutdated(hash: string): boolean {
  const cost = parse(hash)?.cost;
  return cost === undefined || cost.memory < MEMORY_KIB || cost.passes < PASSES;
}

/** A password that nobody chose: 25 letters and digits in groups of five, about 124 bits. */
export function newPassword(): string {
  const letters = Array.from({ length: NEW_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return (letters.match(/.{5}/g) as string[]).join('-');
}

/** What is wrong with a password that somebody wants; undefined when nothing is. Length counts, not kinds of characters (NIST SP 800-63B). */
export function passwordProblem(password: string, username: string): string | undefined {
  if (password.length < PASSWORD_MIN_LENGTH)
    return `must be ${PASSWORD_MIN_LENGTH} characters or more: a sentence is good`;
  if (password.length > PASSWORD_MAX_LENGTH) return `must be ${PASSWORD_MAX_LENGTH} characters at the most`;
  const plain = password.toLowerCase();
  if (plain.includes(username.toLowerCase())) return 'must not contain the user name';
  if (plain.includes('felinar')) return 'must not contain the name of the system';
  if (new Set(plain).size < 5) return 'must have five different characters or more';
  return undefined;
}

function phc(salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(salt)}$${base64(tag)}`;
}

function parse(hash: string): { cost: Cost; salt: Buffer; tag: Buffer } | undefined {
  const [, memory, passes, parallelism, salt, tag] = PHC.exec(hash) ?? [];
  if (salt === undefined || tag === undefined) return undefined;
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  return { cost, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') };
}

function derive(password: string, nonce: Buffer, cost: Cost, tagLength: number): Promise<Buffer> {
  // Composed and decomposed accents are the same password on every keyboard.
  const message = Buffer.from(password.normalize('NFKC'), 'utf8');
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message, nonce, tagLength, ...cost }, (error, tag) =>
      error === null ? resolve(tag) : reject(error),
    );
  });
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
