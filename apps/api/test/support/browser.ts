import { CookieJar } from 'tough-cookie';

export interface Page {
  /** Where the browser is; the fragment is kept, as browsers do. */
  readonly url: string;
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** Keeps cookies as RFC 6265 has it, and follows redirects one by one. */
export class Browser {
  private readonly jar = new CookieJar();

  /** Follows redirects until `until` says of a URL that it is not to be opened: then it answers the redirect to it. */
  async open(address: string, until: (url: URL) => boolean = () => false): Promise<Page> {
    let url = new URL(address);
    for (let hops = 0; hops < 20; hops += 1) {
      const cookie = await this.jar.getCookieString(url.href);
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { accept: 'text/html,*/*;q=0.8', ...(cookie === '' ? {} : { cookie }) },
      });
      for (const line of response.headers.getSetCookie()) await this.jar.setCookie(line, url.href);
      const text = await response.text();
      const location = response.headers.get('location');
      const isRedirect = response.status >= 300 && response.status < 400 && location !== null;
      if (!isRedirect) return { url: url.href, status: response.status, text, headers: response.headers };
      const next = new URL(location, url);
      if (until(next)) return { url: next.href, status: response.status, text, headers: response.headers };
      url = next;
    }
    throw new Error(`${address} leads from page to page`);
  }

  cookies(url: string): Promise<readonly { key: string; value: string }[]> {
    return this.jar.getCookies(url);
  }

  cookieLine(url: string): Promise<string> {
    return this.jar.getCookieString(url);
  }

  /** As whoever plants a cookie would. */
  async plant(url: string, line: string): Promise<void> {
    await this.jar.setCookie(line, url);
  }
}
