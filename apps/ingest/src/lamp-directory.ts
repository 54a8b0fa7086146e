import { lookUpLamps, type Pool } from '#libs/storage';

/** A lamp that exists, as ingest needs it. */
export interface KnownLamp {
  readonly lampId: number;
  readonly siteId: number;
  /** Address of the device that speaks for it. */
  readonly device: string;
}

export type LampAnswer = KnownLamp | 'unknownSite' | 'unknownLamp';

/** More lamps than this are looked up anew from time to time; 200,000 entries are some 40 MB. */
const MAX_ENTRIES = 200_000;

/** Which lamp an address means. Remembers those that exist until the inventory changes; never remembers one that does not. */
export class LampDirectory {
  private known = new Map<string, KnownLamp>();
  private generation = 0;

  constructor(private readonly pool: Pool) {}

  /** The inventory has changed: forget everything. */
  forget(): void {
    this.known = new Map();
    this.generation += 1;
  }

  /** Answers for every pair asked, by `directoryKey`. One statement for all that are not remembered. */
  async resolve(wanted: ReadonlyMap<string, { site: string; lamp: string }>): Promise<Map<string, LampAnswer>> {
    const answers = new Map<string, LampAnswer>();
    const missing: { site: string; lamp: string }[] = [];
    for (const [key, address] of wanted) {
      const lamp = this.known.get(key);
      if (lamp === undefined) missing.push(address);
      else answers.set(key, lamp);
    }
    if (missing.length === 0) return answers;
    const { generation } = this;
    const found = await lookUpLamps(
      this.pool,
      missing.map(({ site }) => site),
      missing.map(({ lamp }) => lamp),
    );
    for (const { site, lamp, siteId, lampId, device } of found) {
      const key = directoryKey(site, lamp);
      if (siteId === null) answers.set(key, 'unknownSite');
      else if (lampId === null || device === null) answers.set(key, 'unknownLamp');
      else {
        const entry = { lampId, siteId, device };
        answers.set(key, entry);
        if (generation === this.generation) this.remember(key, entry);
      }
    }
    return answers;
  }

  private remember(key: string, lamp: KnownLamp): void {
    if (this.known.size >= MAX_ENTRIES) {
      const oldest = this.known.keys().next();
      if (oldest.done !== true) this.known.delete(oldest.value);
    }
    this.known.set(key, lamp);
  }
}

/** The key of a lamp in the directory. Addresses hold no slash. */
export function directoryKey(site: string, lamp: string): string {
  return `${site}/${lamp}`;
}
