import { type lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isAllowedAddress, type PrivateTargets } from '#libs/alerts';

/** The name leads to where webhooks may not go. */
export class PrivateAddress extends Error {
  constructor(host: string) {
    super(`${host} does not lead to the public internet, nor to where FELINAR_WEBHOOK_ALLOW_PRIVATE lets it lead`);
  }
}

/**
 * Resolves names for a connection, and refuses those that lead to any address where webhooks may not go. The connection is made to exactly
 * the addresses that were looked at: a name that changes its mind in between gains nothing.
 */
export function guardedLookup(resolve: typeof lookup, allowed: PrivateTargets = false): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0);
      const addresses = found as LookupAddress[];
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isAllowedAddress(address, allowed))) {
        return callback(new PrivateAddress(host), '', 0);
      }
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
