/** The API has answered, and will not do it. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

const ANSWERS_WITHIN_MS = 30_000;

/** The API for benchmarks: JSON in, JSON out; a refusal is an error with the API's own words. */
export class ApiClient {
  /** `key`: an API key for everything. */
  constructor(
    private readonly apiUrl: string,
    private readonly key: string,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.call<T>('GET', path);
  }

  async call<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    const response = await fetch(`${this.apiUrl}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json', ...headers },
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Refused(`${method} ${path} was refused (${response.status}): ${text.slice(0, 2000)}`, response.status);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}
