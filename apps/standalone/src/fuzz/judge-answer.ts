/** What came back for a request. */
export interface RestAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** What no stranger may see of the inside. */
const INSIDE = /node_modules|(\n|\\n)\s+at |\bat .*\.[jt]s:\d+|QueryFailedError|at or near \\?"|\$argon2/;

/** What is wrong with an answer, whatever was asked; undefined when nothing is. */
export function problemOf({ status, contentType, text }: RestAnswer, method: string): string | undefined {
  if (status >= 500) return `answered ${status}`;
  if (status < 200) return `answered ${status}`;
  if (INSIDE.test(text)) return 'shows something of the inside';
  if (method === 'HEAD' || status === 204) return undefined;
  if (status >= 400) return problemOfRefusal(status, contentType, text);
  return /json/.test(contentType) && parsed(text) === undefined ? 'is not the JSON that it says it is' : undefined;
}

function problemOfRefusal(status: number, contentType: string, text: string): string | undefined {
  if (!contentType.startsWith('application/problem+json'))
    return `refuses with ${status} as ${contentType || 'nothing'}`;
  const body = parsed(text) as Record<string, unknown> | undefined;
  if (body === undefined) return 'is not the JSON that it says it is';
  const lacks = ['type', 'title', 'detail', 'instance', 'correlationId'].filter(
    (member) => typeof body[member] !== 'string' || body[member] === '',
  );
  if (lacks.length > 0) return `refuses with ${status} without ${lacks.join(', ')}`;
  return body['status'] === status ? undefined : `refuses with ${status} and says ${String(body['status'])}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
