const STRUCK_OUT = '[secret]';
/** Tokens and keys (libs/identity), wherever somebody has put them; and the links in messages, which are keys themselves. */
const TOKEN = /\bfel[a-z]_[\w%-]+/gi;
/** What comes and goes when people sign in through a provider. */
const EXCHANGED = /([?&#](?:code|state|nonce|felinarCode|code_challenge|codeChallenge)=)[^&#]*/g;
const LINK = /(\/acknowledge\/)[^/?#]+/gi;

/** A URL or path as it may stand in a log. */
export function loggedUrl(url: string): string {
  return url.replace(LINK, `$1${STRUCK_OUT}`).replace(EXCHANGED, `$1${STRUCK_OUT}`).replace(TOKEN, STRUCK_OUT);
}

/** What pino-http would log of a request, without secrets that stand in its address. */
export function loggedRequest(request: Readonly<Record<string, unknown>>): Record<string, unknown> {
  // Both stand in the URL already.
  const { query: _query, params: _params, url, headers, ...rest } = request;
  const { referer, ...others } = (headers ?? {}) as Record<string, unknown>;
  return {
    ...rest,
    url: typeof url === 'string' ? loggedUrl(url) : url,
    headers: { ...others, ...(typeof referer === 'string' ? { referer: loggedUrl(referer) } : {}) },
  };
}
