import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const PASSWORD_BYTES = 32;
const SALT_BYTES = 12;
const HASH_BYTES = 64;
/**
 * What mosquitto_passwd uses. More would buy nothing: nobody guesses 256 random bits, and the broker computes this for every device
 * that connects, and for all that are connected when it reads the file again.
 */
const ITERATIONS = 101;

/** A password that nobody chose. */
export function newBrokerPassword(): string {
  return randomBytes(PASSWORD_BYTES).toString('base64url');
}

/** What stands behind the user name in Mosquitto's password file. */
export async function brokerPasswordHash(password: string, salt: Buffer = randomBytes(SALT_BYTES)): Promise<string> {
  const hash = await promisify(pbkdf2)(password, salt, ITERATIONS, HASH_BYTES, 'sha512');
  return `$7$${ITERATIONS}$${salt.toString('base64')}$${hash.toString('base64')}`;
}
