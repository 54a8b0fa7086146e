import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { problem, ProblemError } from '../http/problem.js';

/** The provider could not be asked: nobody's fault who signs in. */
const UNREACHABLE = new Set([
  ...['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON'],
  ...['OAUTH_PARSE_ERROR'],
]);
/** It does not know Felinar. */
const NOT_A_CLIENT = new Set(['invalid_client', 'unauthorized_client']);
const ITS_OWN_TROUBLE = new Set(['server_error', 'temporarily_unavailable']);

/** In a few words, without anything that the provider has sent but its error code. */
export function reasonOf(error: unknown): string {
  if (error instanceof ResponseBodyError || error instanceof AuthorizationResponseError) return plain(error.error);
  const code = networkCode(error);
  if (code !== undefined) return code;
  if (error instanceof ClientError) return error.code === undefined ? error.message : `${error.message}, ${error.code}`;
  return error instanceof Error ? error.message : 'it failed';
}

/** Such as ECONNREFUSED or CERT_HAS_EXPIRED, however deep fetch has put it. */
function networkCode(error: unknown): string | undefined {
  let inner: unknown = error;
  for (let depth = 0; depth < 5 && typeof inner === 'object' && inner !== null; depth += 1) {
    const { code, cause } = inner as { code?: unknown; cause?: unknown };
    if (typeof code === 'string' && !/^(OAUTH_|ERR_)/.test(code)) return plain(code);
    inner = cause;
  }
  return undefined;
}

/** What somebody is told who signs in, and what to do. */
export function failureOf(error: unknown): ProblemError {
  const reason = reasonOf(error);
  if (error instanceof AuthorizationResponseError) {
    if (ITS_OWN_TROUBLE.has(error.error)) return unreachable(reason);
    return refuse(
      403,
      `The provider did not sign you in (${reason}): try again, or ask who manages your account there`,
    );
  }
  if (error instanceof ResponseBodyError) {
    if (NOT_A_CLIENT.has(error.error)) {
      const what = 'FELINAR_OIDC_CLIENT_ID and FELINAR_OIDC_CLIENT_SECRET';
      return refuse(503, `The provider does not accept Felinar (${reason}): whoever runs Felinar checks ${what}`);
    }
    if (error.status >= 500 || ITS_OWN_TROUBLE.has(error.error)) return unreachable(reason);
    return refuse(401, `The provider did not confirm the sign-in (${reason}): begin again`);
  }
  if (networkCode(error) !== undefined || (error instanceof ClientError && UNREACHABLE.has(error.code ?? '')))
    return unreachable(reason);
  return refuse(
    401,
    `What the provider answered does not hold (${reason}): begin again, and tell whoever runs Felinar if it stays so`,
  );
}

export function unreachable(reason: string): ProblemError {
  return refuse(
    503,
    `The provider cannot be used at the moment (${reason}): try again. An administrator can sign in with a password meanwhile`,
  );
}

export function refuse(status: number, detail: string): ProblemError {
  return new ProblemError(problem(status, detail));
}

function plain(code: string): string {
  return code.replace(/[^a-zA-Z0-9_.-]/g, '').slice(0, 60);
}
