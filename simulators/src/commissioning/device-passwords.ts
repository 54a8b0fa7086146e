import type { FelinarApi } from './felinar-api.js';

/** A device's password at the broker, and since when it holds, as the API said it. */
export interface KeptPassword {
  readonly password: string;
  readonly changedAt: string;
}

interface Credential {
  readonly device: string;
  readonly changedAt: string;
}

interface Page {
  readonly items: readonly Credential[];
  readonly nextCursor?: string | null;
}

/** Devices in one request at the most. */
const AT_ONCE = 1000;

/**
 * A password for every device, by address: the kept ones where they still hold; of the others, new ones from the API, which shows a
 * password once. The devices must be in the inventory.
 */
export async function devicePasswords(
  api: FelinarApi,
  site: string,
  devices: readonly string[],
  kept: ReadonlyMap<string, KeptPassword>,
): Promise<ReadonlyMap<string, KeptPassword>> {
  const changedAt = await credentialsOf(api, site);
  const passwords = new Map<string, KeptPassword>();
  const take = (answer: unknown) => {
    const { device, password, changedAt: since } = answer as Credential & KeptPassword;
    passwords.set(device, { password, changedAt: since });
  };
  const without = devices.filter((device) => !changedAt.has(device));
  for (let first = 0; first < without.length; first += AT_ONCE) {
    const body = { devices: without.slice(first, first + AT_ONCE) };
    const answer = await api.send('POST', `/sites/${site}/device-credentials`, body);
    (answer as { items: unknown[] }).items.forEach(take);
  }
  for (const device of devices) {
    const own = kept.get(device);
    if (passwords.has(device)) continue;
    if (own !== undefined && own.changedAt === changedAt.get(device)) passwords.set(device, own);
    else take(await api.send('POST', `/sites/${site}/devices/${encodeURIComponent(device)}/credentials/password`));
  }
  return passwords;
}

/** Since when each device's password holds, of those that have one. */
async function credentialsOf(api: FelinarApi, site: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  let after = '';
  for (;;) {
    const page = await api.get<Page>(`/sites/${site}/device-credentials?limit=${AT_ONCE}${after}`);
    for (const { device, changedAt } of page?.items ?? []) found.set(device, changedAt);
    if (page?.nextCursor === undefined || page.nextCursor === null) return found;
    after = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}
