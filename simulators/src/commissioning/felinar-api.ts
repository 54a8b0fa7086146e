/** Felinar's REST API as a commissioning tool uses it. Every call of the simulators goes through here. */
export class FelinarApi {
  /** `key`: sent with every call, where the API wants one. */
  constructor(
    private readonly url: string,
    private readonly key?: string,
  ) {}

  /** What is at `path`; undefined where there is nothing. Throws with the API's own words when it refuses. */
  async get<T>(path: string): Promise<T | undefined> {
    const response = await this.call('GET', path, [404]);
    return response.status === 404 ? undefined : ((await response.json()) as T);
  }

  /** Throws with the API's own words when it refuses, but for the statuses in `alsoFine`. */
  async send(method: string, path: string, body?: unknown, alsoFine: readonly number[] = []): Promise<unknown> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return answered(await this.call(method, path, alsoFine, text, 'application/json'));
  }

  /** The same with a body that is no JSON. */
  async sendText(method: string, path: string, type: string, body: string): Promise<unknown> {
    return answered(await this.call(method, path, [], body, type));
  }

  private async call(
    method: string,
    path: string,
    alsoFine: readonly number[],
    body?: string,
    type?: string,
  ): Promise<Response> {
    const headers = {
      ...(type === undefined || body === undefined ? {} : { 'content-type': type }),
      ...(this.key === undefined ? {} : { authorization: `Bearer ${this.key}` }),
    };
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    if (response.ok || alsoFine.includes(response.status)) return response;
    const why = `${method} ${path} was refused (${response.status}): ${(await response.text()).slice(0, 2000)}`;
    throw new RefusedByApi(response.status, why);
  }
}

/** The API answered, and did not do it. */
export class RefusedByApi extends Error {
  override readonly name = 'RefusedByApi';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function answered(response: Response): Promise<unknown> {
  const text = await response.text();
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}
