import { setTimeout as delay } from 'node:timers/promises';
import { type ApiClient, Refused } from '../bench/api-client.js';

const AGAIN_AFTER_MS = 250;

/** The API for somebody who does not give up: asks again, with the same idempotency key, until there is an answer. */
export class PatientApi {
  /** Requests that had to be made again. */
  repeated = 0;

  constructor(
    private readonly client: ApiClient,
    private readonly withinMs: number,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.insist(() => this.client.get<T>(path));
  }

  post<T>(path: string, body: unknown, key: string): Promise<T> {
    return this.insist(() => this.client.call<T>('POST', path, body, { 'idempotency-key': key }));
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.insist(() => this.client.call<T>('PATCH', path, body));
  }

  private async insist<T>(ask: () => Promise<T>): Promise<T> {
    for (const deadlineMs = performance.now() + this.withinMs; ; this.repeated += 1) {
      try {
        return await ask();
      } catch (error) {
        const isFinal = error instanceof Refused && error.status < 500;
        if (isFinal || performance.now() > deadlineMs) throw error;
      }
      await delay(AGAIN_AFTER_MS);
    }
  }
}
