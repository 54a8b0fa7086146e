import { request as httpRequest, type ClientRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import {
  judgeHttpStatus,
  signWebhook,
  webhookBody,
  webhookUrlProblem,
  type Message,
  type Outcome,
  type PrivateTargets,
} from '#libs/alerts';
import { lookup as resolve } from 'node:dns';
import { guardedLookup, PrivateAddress } from './guarded-lookup.js';

/** From the first connection to the end of the answer. */
const ANSWER_WITHIN_MS = 10_000;

/** Posts signed messages to receivers. */
export class WebhookSender {
  /** `lookup`: how names are resolved where not all addresses are allowed; for tests. */
  constructor(
    private readonly allowed: PrivateTargets,
    private readonly lookup: LookupFunction = guardedLookup(resolve, allowed),
  ) {}

  /** `nowMs`: what the receiver compares with its clock. */
  async send(message: Message, url: string, secret: string, nowMs: number): Promise<Outcome> {
    const wrong = webhookUrlProblem(url, this.allowed);
    if (wrong !== undefined) return { kind: 'refused', problem: `the URL ${wrong}` };
    const body = JSON.stringify(webhookBody(message));
    const timestampS = Math.floor(nowMs / 1000);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'felinar',
      'felinar-delivery': message.deliveryId,
      'felinar-timestamp': timestampS,
      'felinar-signature': signWebhook(secret, timestampS, body),
    };
    try {
      return judgeHttpStatus(await this.post(new URL(url), headers, body));
    } catch (error) {
      if (error instanceof PrivateAddress) return { kind: 'refused', problem: error.message };
      return { kind: 'delayed', problem: `no answer: ${(error as Error).message.slice(0, 300)}` };
    }
  }

  private post(url: URL, headers: RequestOptions['headers'], body: string): Promise<number> {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const guard = this.allowed === true ? {} : { lookup: this.lookup };
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      // No agent: a connection kept open would have been checked in another time.
      const request: ClientRequest = send(url, { method: 'POST', headers, agent: false, signal, ...guard });
      request.on('error', reject);
      request.on('response', (response) => {
        // The status says all; what else a receiver wants to say is not waited for.
        resolve(response.statusCode ?? 0);
        response.on('error', () => undefined);
        response.destroy();
      });
      request.end(body);
    });
  }
}
