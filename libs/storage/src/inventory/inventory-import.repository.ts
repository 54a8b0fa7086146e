import { lockMembers } from './lamp-references.js';
import type { DataSource, EntityManager } from 'typeorm';
import type { Site } from '../entities/index.js';
import { importSql, type ImportedColumn } from './inventory-import.sql.js';

/** One lamp of an inventory file. What the file does not carry is null here and not looked at. */
export interface ImportedLamp {
  readonly address: string;
  readonly device: string | null;
  readonly lampType: string | null;
  readonly cabinet: string | null;
  readonly circuit: string | null;
  readonly phase: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly street: string | null;
  readonly pole: string | null;
  readonly roadClass: string | null;
  readonly mountingHeightM: number | null;
  readonly groups: readonly string[];
}

export interface InventoryChange {
  readonly lamps: readonly ImportedLamp[];
  /** Columns of existing lamps that the file carries; the others stay as they are. */
  readonly carried: ReadonlySet<ImportedColumn>;
  readonly cabinets: readonly { readonly address: string; readonly name: string }[];
  readonly groups: readonly { readonly address: string; readonly name: string }[];
  readonly lampTypes: readonly { readonly code: string; readonly ratedPowerW: number }[];
}

export interface InventoryOutcome {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly cabinetsCreated: readonly string[];
  readonly groupsCreated: readonly string[];
  readonly lampTypesCreated: readonly string[];
}

/** What is there before the import. */
export interface ExistingInventory {
  readonly lamps: ReadonlySet<string>;
  /** Rated power by code. */
  readonly lampTypes: ReadonlyMap<string, number>;
}

/** Brings a whole inventory in at once: everything or nothing. */
export class InventoryImportRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Runs `work` in one transaction while no other import of the site runs, and keeps what it did when `keep` says so.
   * A dry run is a real run that is not kept, so that both say the same.
   */
  async inTransaction<T>(site: Site, keep: boolean, work: (session: InventoryImportSession) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.startTransaction();
      await runner.query(`SELECT pg_advisory_xact_lock(hashtextextended('felinar inventory import', $1))`, [site.id]);
      await lockMembers(runner.manager, site.id);
      const result = await work(new InventoryImportSession(runner.manager, site));
      await (keep ? runner.commitTransaction() : runner.rollbackTransaction());
      return result;
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }
}

export class InventoryImportSession {
  constructor(
    private readonly manager: EntityManager,
    private readonly site: Site,
  ) {}

  async existing(): Promise<ExistingInventory> {
    const lamps = (await this.manager.query('SELECT address FROM lamp WHERE site_id = $1 AND removed_at IS NULL', [
      this.site.id,
    ])) as { address: string }[];
    const types = (await this.manager.query('SELECT code, rated_power_w FROM lamp_type')) as {
      code: string;
      rated_power_w: number;
    }[];
    return {
      lamps: new Set(lamps.map((row) => row.address)),
      lampTypes: new Map(types.map((row) => [row.code, row.rated_power_w])),
    };
  }

  async apply(change: InventoryChange): Promise<InventoryOutcome> {
    const sql = importSql(change.carried);
    const siteId = this.site.id;
    const lampTypesCreated = await this.texts(sql.createLampTypes, [
      change.lampTypes.map((type) => type.code),
      change.lampTypes.map((type) => type.ratedPowerW),
    ]);
    const places = (list: InventoryChange['cabinets']) => [
      list.map((item) => item.address),
      list.map((item) => item.name),
    ];
    const cabinetsCreated = await this.texts(sql.createCabinets, [siteId, ...places(change.cabinets)]);
    const groupsCreated = await this.texts(sql.createGroups, [siteId, ...places(change.groups)]);
    await this.stage(change.lamps);
    if (change.carried.has('groups')) await this.manager.query(sql.findRegrouped, [siteId]);
    const updated = await this.count(sql.updateLamps, [siteId]);
    const created = await this.count(sql.insertLamps, [siteId]);
    if (change.carried.has('groups')) {
      await this.manager.query(sql.leaveGroups, [siteId]);
      await this.manager.query(sql.joinGroups, [siteId]);
    }
    await this.manager.query(sql.placeCabinets, [siteId]);
    const unchanged = change.lamps.length - created - updated;
    return { created, updated, unchanged, cabinetsCreated, groupsCreated, lampTypesCreated };
  }

  private async stage(lamps: readonly ImportedLamp[]): Promise<void> {
    const sql = importSql(new Set());
    await this.manager.query(sql.createStage);
    await this.manager.query(sql.fillStage, [
      lamps.map((lamp) => lamp.address),
      lamps.map((lamp) => lamp.device),
      lamps.map((lamp) => lamp.lampType),
      lamps.map((lamp) => lamp.cabinet),
      lamps.map((lamp) => lamp.circuit),
      lamps.map((lamp) => lamp.phase),
      lamps.map((lamp) => lamp.latitude),
      lamps.map((lamp) => lamp.longitude),
      lamps.map((lamp) => lamp.street),
      lamps.map((lamp) => lamp.pole),
      lamps.map((lamp) => lamp.roadClass),
      lamps.map((lamp) => lamp.mountingHeightM),
      // Addresses hold no semicolon.
      lamps.map((lamp) => lamp.groups.join(';')),
    ]);
    await this.manager.query('ANALYZE imported_lamp');
  }

  private async texts(change: string, parameters: unknown[]): Promise<string[]> {
    const rows = (await this.manager.query(
      `WITH changed AS (${change}) SELECT key FROM changed ORDER BY key`,
      parameters,
    )) as {
      key: string;
    }[];
    return rows.map((row) => row.key);
  }

  private async count(change: string, parameters: unknown[]): Promise<number> {
    const [row] = (await this.manager.query(
      `WITH changed AS (${change}) SELECT count(*)::int AS n FROM changed`,
      parameters,
    )) as [{ n: number }];
    return row.n;
  }
}
