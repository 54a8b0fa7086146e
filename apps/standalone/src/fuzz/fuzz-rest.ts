import { createRandom } from '#simulators';
import { problemOf, type RestAnswer } from './judge-answer.js';
import { RestCases, type OpenApiDocument, type RestCase } from './rest-cases.js';
import type { RestCity } from './rest-city.js';
import type { RestClient } from './rest-client.js';
import { smallest } from './smallest.js';

/** Requests at a time. */
export const AT_ONCE = 12;
const RESTORED_EVERY = 150;
/** Whose 401 says nothing of who asks. */
const SIGNING_IN = ['signIn', 'refreshSession'];
/** Then there is enough to mend. */
const MAX_FAILURES = 20;

/** A request that was answered as none may be. */
export interface RestFailure {
  readonly case: number;
  readonly problem: string;
  readonly request: RestCase;
  readonly smallest: RestCase;
}

export class RestFuzz {
  readonly failures: RestFailure[] = [];
  /** Answers by status. */
  readonly statuses = new Map<number, number>();
  /** Operations that have been answered with 2xx at least once: what is behind their guards was reached. */
  readonly reached = new Set<string>();
  private readonly cases: RestCases;
  private next = 0;
  private restoring: Promise<void> | undefined;
  private readonly kinds = new Set<string>();

  constructor(
    document: OpenApiDocument,
    private readonly client: RestClient,
    private readonly city: RestCity,
    private readonly seed: number,
    /** Whether there is anybody left to ask. */
    private readonly isAlive: () => boolean,
  ) {
    this.cases = new RestCases(document, city.names);
  }

  get operations(): readonly string[] {
    return this.cases.operations.map(({ id }) => id);
  }

  /** Asks so many more. */
  async run(cases: number): Promise<void> {
    await this.city.restore();
    const end = this.next + cases;
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.work(end)));
  }

  private async work(end: number): Promise<void> {
    while (this.next < end && this.failures.length < MAX_FAILURES && this.isAlive()) {
      const index = this.next;
      this.next += 1;
      if (index % RESTORED_EVERY === RESTORED_EVERY - 1) this.putRight(() => this.city.restore());
      await this.restoring;
      const request = this.cases.at(index, createRandom(this.seed).fork(`rest ${index}`));
      const { problem, answer } = await this.judge(request);
      if (answer !== undefined) this.note(request, answer);
      if ((answer?.status === 401 && !SIGNING_IN.includes(request.operation)) || answer?.status === 403)
        this.putRight(() => this.city.letIn());
      if (problem !== undefined) await this.found(index, request, problem);
    }
  }

  private putRight(work: () => Promise<void>): void {
    this.restoring ??= work().finally(() => (this.restoring = undefined));
  }

  private async judge(request: RestCase): Promise<{ problem: string | undefined; answer?: RestAnswer }> {
    try {
      const answer = await this.client.send(request, this.city.authorization);
      return { problem: problemOf(answer, request.method), answer };
    } catch (error) {
      return { problem: `no answer: ${(error as Error).message}` };
    }
  }

  private note({ operation, path }: RestCase, answer: RestAnswer): void {
    this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
    if (answer.status < 300) this.reached.add(operation);
    this.city.learn(path, answer);
  }

  private async found(index: number, request: RestCase, problem: string): Promise<void> {
    const kind = `${request.operation} ${problem}`;
    if (this.kinds.has(kind)) return;
    this.kinds.add(kind);
    const fails = async (candidate: RestCase) => this.isAlive() && (await this.judge(candidate)).problem === problem;
    this.failures.push({ case: index, problem, request, smallest: await smallest(request, fails) });
  }
}

/** A request as somebody would type it. */
export function inWords({ method, path, query, headers, body }: RestCase): string {
  const head = Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`);
  const shown =
    body === undefined
      ? ''
      : isText(body)
        ? body.toString().slice(0, 2_000)
        : `base64:${body.toString('base64').slice(0, 2_000)}`;
  return [`${method} ${path}${query.length === 0 ? '' : `?${query.join('&')}`}`, ...head, shown].join(' ').trim();
}

function isText(body: Buffer): boolean {
  return Buffer.from(body.toString()).equals(body) && !/[\0-\x08]/.test(body.toString());
}
