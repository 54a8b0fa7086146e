import { Injectable } from '@nestjs/common';
import { validateTariff } from '#libs/energy';
import { DomainError } from '#libs/kernel';
import { TariffRepository, type ExpectedVersion, type Tariff } from '#libs/storage';
import type { z } from 'zod';
import { toPage, type PageQuery } from '../http/cursor.js';
import { isLocalDate } from '../http/fields.schema.js';
import { problem, ProblemError } from '../http/problem.js';
import { SitesService } from '../sites/sites.service.js';
import type { putTariff, tariffView } from './tariff.schema.js';

type TariffView = z.infer<typeof tariffView>;

@Injectable()
export class TariffsService {
  constructor(
    private readonly sites: SitesService,
    private readonly tariffs: TariffRepository,
  ) {}

  async list(site: string, { cursor, limit }: PageQuery) {
    if (cursor !== undefined && !isLocalDate(cursor)) {
      throw new ProblemError(
        problem(400, 'The cursor is not valid', [{ pointer: 'query/cursor', problem: 'is not a cursor of this list' }]),
      );
    }
    const rows = await this.tariffs.list(await this.sites.find(site), cursor, limit + 1);
    return toPage(rows, limit, (tariff) => tariff.validFrom, toView);
  }

  async get(site: string, validFrom: string): Promise<TariffView> {
    return toView(await this.tariffs.get(await this.sites.find(site), validFrom));
  }

  async put(siteAddress: string, validFrom: string, data: z.infer<typeof putTariff>, expected: ExpectedVersion) {
    const site = await this.sites.find(siteAddress);
    const faults = validateTariff({ ...data, validFrom });
    if (faults.length > 0) throw new DomainError('invalid', 'The tariff cannot be used: see errors', faults);
    const name = data.name ?? `From ${validFrom}`;
    const { tariff, created } = await this.tariffs.put(site, validFrom, { ...data, name }, expected);
    return { tariff: toView(tariff), created };
  }

  async remove(site: string, validFrom: string, expected: ExpectedVersion): Promise<void> {
    await this.tariffs.remove(await this.sites.find(site), validFrom, expected);
  }
}

function toView({ validFrom, name, currency, basePricePerKwh, bands, version }: Tariff): TariffView {
  const copies = bands.map((band) => ({ ...band, weekdays: [...band.weekdays] }));
  return { validFrom, name, currency, basePricePerKwh, bands: copies, version };
}
