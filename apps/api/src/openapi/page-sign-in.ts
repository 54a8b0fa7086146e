/** What the script takes of the browser's window. */
export interface PageWindow {
  readonly location: {
    readonly pathname: string;
    readonly search: string;
    readonly hash: string;
    assign(url: string): void;
  };
  readonly history: { replaceState(state: null, unused: string, url: string): void };
  readonly sessionStorage: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
    removeItem(key: string): void;
  };
  readonly document: {
    createElement(tag: string): PageElement;
    readonly body: { prepend(element: PageElement): void };
  };
  readonly crypto: typeof crypto;
  readonly fetch: typeof fetch;
  readonly setTimeout: (work: () => void, afterMs: number) => unknown;
  /** Swagger UI, once it is there. */
  readonly ui?: { preauthorizeApiKey(scheme: string, token: string): unknown };
}

interface PageElement {
  textContent: string | null;
  onclick: (() => unknown) | null;
  style: { cssText: string };
  append(...children: PageElement[]): void;
}

interface Tokens {
  readonly accessToken: string;
  readonly accessExpiresAt: string;
  readonly refreshToken: string;
}

/**
 * Runs in the browser, as text: nothing outside of it is there. Where a provider is set up, puts a button above the docs by which people
 * sign in, and gives Swagger UI the tokens; they are in the memory of the page and nowhere else.
 */
export async function signInOnPage(window: PageWindow): Promise<void> {
  const { location, history, sessionStorage, document, crypto } = window;
  const page = location.pathname.replace(/\/$/, '');
  const sessions = `${page.replace(/\/docs$/, '')}/api/v1/sessions`;
  const kept = 'felinar.codeVerifier';
  const base64url = (bytes: Uint8Array) =>
    btoa(String.fromCharCode(...bytes))
      .replace(/\+/g, '-')
      .replace(/\//g, '_')
      .replace(/=/g, '');
  const post = (path: string, body: object | undefined, token?: string) =>
    window.fetch(`${sessions}${path}`, {
      method: 'POST',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const bar = document.createElement('div');
  bar.style.cssText = 'max-width: 1460px; margin: 12px auto 0; padding: 0 20px; font: 14px sans-serif';
  const button = document.createElement('button');
  button.style.cssText = 'font: inherit; padding: 6px 14px; margin-right: 12px; cursor: pointer';
  const note = document.createElement('span');
  let tokens: Tokens | undefined;

  /** Swagger UI knows no token before it has read the document. */
  const authorize = (tries = 100): void => {
    const isDone = window.ui?.preauthorizeApiKey('token', tokens?.accessToken ?? '') ?? null;
    if (isDone === null && tries > 0) window.setTimeout(() => authorize(tries - 1), 100);
  };
  const signedOut = (text: string): void => {
    tokens = undefined;
    authorize(0);
    button.textContent = `Sign in with ${provider.label}`;
    button.onclick = begin;
    note.textContent = text;
  };
  const signedIn = (fresh: Tokens): void => {
    tokens = fresh;
    authorize();
    button.textContent = 'Sign out';
    button.onclick = leave;
    note.textContent = 'You are signed in on this page.';
    // However wrong the clock of the desk is.
    const leftMs = Date.parse(fresh.accessExpiresAt) - new Date().getTime();
    window.setTimeout(() => void refresh(fresh), Math.min(Math.max(leftMs - 60_000, 60_000), 600_000));
  };
  const refresh = async (old: Tokens): Promise<void> => {
    if (tokens !== old) return;
    const answer = await post('/refresh', { refreshToken: old.refreshToken });
    if (answer.ok) signedIn((await answer.json()) as Tokens);
    else signedOut('Your session has ended: sign in again.');
  };
  const begin = async (): Promise<void> => {
    const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
    sessionStorage.setItem(kept, verifier);
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
    const challenge = base64url(new Uint8Array(digest));
    location.assign(`${provider.start}?codeChallenge=${challenge}&returnTo=/docs`);
  };
  const leave = async (): Promise<void> => {
    const answer = await post('/oidc/sign-out', undefined, tokens?.accessToken);
    const { providerSignOut } = answer.ok
      ? ((await answer.json()) as { providerSignOut: string | null })
      : { providerSignOut: null };
    signedOut('You are signed out.');
    if (providerSignOut !== null) location.assign(providerSignOut);
  };

  const code = new URLSearchParams(location.hash.slice(1)).get('felinarCode');
  const codeVerifier = sessionStorage.getItem(kept);
  sessionStorage.removeItem(kept);
  // It works once, and does not stay in the history.
  if (code !== null) history.replaceState(null, '', page + location.search);
  const found = await window.fetch(`${sessions}/oidc`);
  if (!found.ok) return;
  const provider = (await found.json()) as { readonly label: string; readonly start: string };
  bar.append(button, note);
  document.body.prepend(bar);
  signedOut('');
  if (code === null || codeVerifier === null) return;
  const answer = await post('/oidc/tokens', { code, codeVerifier });
  if (answer.ok) signedIn((await answer.json()) as Tokens);
  else signedOut('That did not work: sign in again.');
}

/** For a script element. */
export const PAGE_SIGN_IN = `(${signInOnPage.toString()})(window);\n`;
