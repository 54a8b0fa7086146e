/** Says what is missing, or undefined when all is well. */
export type ReadinessCheck = () => Promise<string | undefined>;

export interface ReadinessResult {
  readonly name: string;
  readonly ready: boolean;
  /** What is missing. */
  readonly detail?: string;
}

/** What has to be well before this process is ready for work. Each part of the process adds its own check. */
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();

  /** `name` stands in the answer of /health/ready. A check that takes longer than `timeoutMs` of `run` has failed. */
  add(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  run(timeoutMs = 2_000): Promise<ReadinessResult[]> {
    return Promise.all(
      [...this.checks].map(async ([name, check]) => {
        const detail = await inTime(check, timeoutMs);
        return detail === undefined ? { name, ready: true } : { name, ready: false, detail };
      }),
    );
  }
}

async function inTime(check: ReadinessCheck, timeoutMs: number): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${timeoutMs} ms`), timeoutMs);
  });
  try {
    return await Promise.race([check(), late]);
  } catch (error) {
    return error instanceof Error ? error.message : 'failed';
  } finally {
    clearTimeout(timer);
  }
}
