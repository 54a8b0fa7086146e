import { Injectable } from '@nestjs/common';
import { InventoryImportRepository, LampRepository, type InventoryOutcome } from '#libs/storage';
import type { z } from 'zod';
import { problem, ProblemError } from '../http/problem.js';
import { SitesService } from '../sites/sites.service.js';
import { exportCsv, exportGeoJson } from './inventory-export.js';
import type { importView } from './inventory.schema.js';
import type { Findings } from './read/findings.js';
import type { Mapping } from './read/mapping.schema.js';
import { planChange } from './read/plan-change.js';
import { readInventory, type ReadInventory } from './read/read-inventory.js';

type ImportView = z.infer<typeof importView>;

@Injectable()
export class InventoryService {
  constructor(
    private readonly sites: SitesService,
    private readonly lamps: LampRepository,
    private readonly imports: InventoryImportRepository,
  ) {}

  /** Brings a file in as a whole, or refuses it with everything that is wrong in it. */
  async import(siteAddress: string, bytes: Uint8Array, mapping: Mapping, dryRun: boolean): Promise<ImportView> {
    const site = await this.sites.find(siteAddress);
    const file = readInventory(bytes, mapping, site);
    const outcome = await this.imports.inTransaction(site, !dryRun, async (session) => {
      const change = planChange(file, await session.existing());
      refuseFindings(file.findings, dryRun);
      return session.apply(change);
    });
    return report(file, outcome, dryRun);
  }

  /** The lamps in service as a file, in pieces. */
  async export(siteAddress: string, format: 'csv' | 'geojson'): Promise<AsyncGenerator<string>> {
    const pages = this.lamps.all(await this.sites.find(siteAddress));
    return format === 'csv' ? exportCsv(pages) : exportGeoJson(pages);
  }
}

function refuseFindings(findings: Findings, dryRun: boolean): void {
  if (findings.total === 0) return;
  const many = findings.total === 1 ? '1 thing is' : `${findings.total} things are`;
  const shown = findings.total > findings.kept.length ? `; the first ${findings.kept.length} are shown` : '';
  throw new ProblemError({
    ...problem(
      422,
      `${many} wrong in the file${shown}. Nothing was changed${dryRun ? ' (dry run)' : ''}: mend them and import it again`,
    ),
    type: 'urn:felinar:problem:inventory-file',
    title: 'The inventory file has mistakes',
    extensions: { findingCount: findings.total, findings: findings.sorted() },
  });
}

function report(file: ReadInventory, outcome: InventoryOutcome, dryRun: boolean): ImportView {
  const list = (addresses: readonly string[]) => ({ created: addresses.length, addresses: addresses.slice(0, 1_000) });
  return {
    dryRun,
    format: file.format,
    delimiter: file.delimiter ?? null,
    rows: file.rowCount,
    lamps: { created: outcome.created, updated: outcome.updated, unchanged: outcome.unchanged },
    cabinets: list(outcome.cabinetsCreated),
    groups: list(outcome.groupsCreated),
    lampTypes: list(outcome.lampTypesCreated),
    ignoredColumns: [...file.ignoredColumns],
  };
}
