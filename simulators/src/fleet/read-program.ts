import { err, ok, type Result } from '#libs/kernel';
import { programSchema, type Program } from '#libs/protocol';

/** A program message as a device can run it, or why it cannot. `isMine` tells which lamps the device has. */
export function readProgram(message: unknown, isMine: (lamp: string) => boolean): Result<Program, string> {
  const parsed = programSchema.safeParse(message);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return err(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a program'}`.slice(0, 300));
  }
  const problem = validityProblem(parsed.data) ?? lampProblem(parsed.data, isMine) ?? orderProblem(parsed.data);
  return problem === undefined ? ok(parsed.data) : err(problem);
}

function validityProblem({ validFrom, validUntil }: Program): string | undefined {
  if (Date.parse(validFrom) < Date.parse(validUntil)) return undefined;
  return `it is valid from ${validFrom} until ${validUntil}: never`;
}

function lampProblem({ programs }: Program, isMine: (lamp: string) => boolean): string | undefined {
  const seen = new Set<string>();
  for (const lamp of programs.flatMap(({ lamps }) => lamps)) {
    if (!isMine(lamp)) return `${lamp} is not a lamp of this device`;
    if (seen.has(lamp)) return `${lamp} stands in it twice`;
    seen.add(lamp);
  }
  return undefined;
}

function orderProblem({ programs }: Program): string | undefined {
  const isUnordered = programs.some(({ switchPoints }) =>
    switchPoints.some(([at], index) => at < (switchPoints[index - 1]?.[0] ?? 0)),
  );
  return isUnordered ? 'its switch points are not in order of time' : undefined;
}
