import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from '#libs/alerts';

/** The name leads to where webhooks may not go. */
export class PrivateAddress extends Error {
  constructor(host: string) {
    super(`${host} does not lead to the public internet, and FELINAR_WEBHOOK_ALLOW_PRIVATE is not true`);
  }
}

/**
 * Resolves names for a connection, and refuses those that lead to any address that is not public. The connection is made to exactly
 * the addresses that were looked at: a name that changes its mind in between gains nothing.
 */
export function guardedLookup(resolve: typeof lookup): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0);
      const addresses = found as LookupAddress[];
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(new PrivateAddress(host), '', 0);
      }
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

export const publicLookup = guardedLookup(lookup);
