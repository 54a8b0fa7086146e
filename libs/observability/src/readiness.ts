/** Says what is missing, or undefined when all is well. */
export type ReadinessCheck = () => Promise<string | undefined>;

export interface ReadinessResult {
  readonly name: string;
  readonly ready: boolean;
  /** What is missing. */
  readonly detail?: string;
  /** The process does its other work without it. */
  readonly optional?: true;
}

/** Whether a process with these results is to get work. */
export function isReady(results: readonly ReadinessResult[]): boolean {
  return results.every(({ ready, optional }) => ready || optional === true);
}

/** What has to be well before this process is ready for work. Each part of the process adds its own check. */
export class Readiness {
  private readonly checks = new Map<string, { check: ReadinessCheck; isOptional: boolean }>();

  /** `name` stands in the answer of /health/ready. A check that takes longer than `timeoutMs` of `run` has failed. */
  add(name: string, check: ReadinessCheck): void {
    this.checks.set(name, { check, isOptional: false });
  }

  /** What is told when it is missing, and keeps nobody from sending work here. */
  addOptional(name: string, check: ReadinessCheck): void {
    this.checks.set(name, { check, isOptional: true });
  }

  run(timeoutMs = 2_000): Promise<ReadinessResult[]> {
    return Promise.all(
      [...this.checks].map(async ([name, { check, isOptional }]) => {
        const detail = await inTime(check, timeoutMs);
        const result = detail === undefined ? { name, ready: true } : { name, ready: false, detail };
        return isOptional ? { ...result, optional: true as const } : result;
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
