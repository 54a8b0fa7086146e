import { escapeHtml, htmlPage } from '#libs/alerts';

/** For whoever began elsewhere than in a browser. */
export function codePage(username: string, code: string): string {
  return htmlPage(
    'en',
    'Signed in',
    `<h1>Signed in as ${escapeHtml(username)}</h1><p>Enter this code where you began, within two minutes. It works once.</p>` +
      `<p><code style="font-size: 1.2em; word-break: break-all">${escapeHtml(code)}</code></p>` +
      '<p>If you did not begin to sign in yourself, close this page and give the code to nobody.</p>',
  );
}

export function refusedPage(title: string, detail: string): string {
  return htmlPage('en', title, `<h1>You are not signed in</h1><p>${escapeHtml(detail)}</p>`);
}
