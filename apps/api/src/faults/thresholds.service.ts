import { Inject, Injectable } from '@nestjs/common';
import { mergedThresholds } from '#libs/faults';
import { POOL } from '#libs/platform';
import { LampRepository, lampThresholdSets, type LampThresholdSet, type Pool } from '#libs/storage';
import type { z } from 'zod';
import { SitesService } from '../sites/sites.service.js';
import { thresholdNames, type lampThresholdsView } from './thresholds.schema.js';

type LampThresholdsView = z.infer<typeof lampThresholdsView>;
type Source = LampThresholdsView['sources']['warmUpS'];

@Injectable()
export class ThresholdsService {
  constructor(
    private readonly sites: SitesService,
    private readonly lamps: LampRepository,
    @Inject(POOL) private readonly pool: Pool,
  ) {}

  async get(siteAddress: string, address: string): Promise<LampThresholdsView> {
    const lamp = await this.lamps.get(await this.sites.find(siteAddress), address);
    const sets = await lampThresholdSets(this.pool, lamp.id);
    return {
      lamp: lamp.address,
      thresholds: mergedThresholds(...sets.map(({ thresholds }) => thresholds)),
      sources: Object.fromEntries(
        thresholdNames.map((name) => [name, sourceOf(sets, name)]),
      ) as LampThresholdsView['sources'],
    };
  }
}

/** The last set that has the figure decides. */
function sourceOf(sets: readonly LampThresholdSet[], name: string): Source {
  const set = sets.findLast(({ thresholds }) => thresholds[name] !== undefined);
  return set === undefined ? { kind: 'default', address: null } : { kind: set.kind, address: set.address };
}
