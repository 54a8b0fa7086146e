import type { Response } from 'express';

/** The answer holds a secret: nobody on the way keeps it. */
export function neverStored(response: Response): void {
  response.setHeader('cache-control', 'no-store');
}
