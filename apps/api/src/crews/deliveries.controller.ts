import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DomainError, type Clock } from '#libs/kernel';
import { CLOCK, POOL } from '#libs/platform';
import { getDelivery, listDeliveries, retryDelivery, type Pool } from '#libs/storage';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { toPage } from '../http/cursor.js';
import { sitePath } from '../http/path.schema.js';
import { idOf, idPath } from '../http/uuid-path.js';
import { SitesService } from '../sites/sites.service.js';
import { toDeliveryView } from './delivery-view.js';
import { deliveryPage, deliveryQuery, deliveryView } from './delivery.schema.js';

const deliveryPath = idPath('delivery');

@ApiTags('crews')
@Controller('sites/:site/deliveries')
export class DeliveriesController {
  constructor(
    private readonly sites: SitesService,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Access('crews.manage')
  @Describe({
    summary: 'See what is and was delivered to the crews, the latest first',
    description: 'With state=dead: what could not be delivered, and why.',
    answer: deliveryPage,
    refuses: [404],
  })
  async listDeliveries(
    @Param('site', { schema: sitePath }) site: string,
    @Query({ schema: deliveryQuery }) { cursor, limit, state, fault }: z.infer<typeof deliveryQuery>,
  ) {
    const { id } = await this.sites.find(site);
    const rows = await listDeliveries(this.pool, id, { state, faultId: fault, before: cursor, take: limit + 1 });
    return toPage(rows, limit, (row) => row.serial, toDeliveryView);
  }

  @Get(':delivery')
  @Access('crews.manage')
  @Describe({ summary: 'Read a delivery', answer: deliveryView, refuses: [404] })
  async getDelivery(
    @Param('site', { schema: sitePath }) site: string,
    @Param('delivery', { schema: deliveryPath }) delivery: string,
  ) {
    return toDeliveryView(await getDelivery(this.pool, await this.sites.find(site), idOf('delivery', delivery)));
  }

  @Post(':delivery/retry')
  @Access('crews.manage')
  @HttpCode(202)
  @Describe({
    summary: 'Try a dead delivery again',
    description: 'When what stood in the way has been mended. It is tried for 48 hours, as a new one.',
    status: 202,
    answer: deliveryView,
    answers: 'It is being sent',
    refuses: [404, 409],
  })
  async retryDelivery(
    @Param('site', { schema: sitePath }) siteAddress: string,
    @Param('delivery', { schema: deliveryPath }) delivery: string,
  ) {
    const site = await this.sites.find(siteAddress);
    const id = idOf('delivery', delivery);
    const { state } = await getDelivery(this.pool, site, id);
    if (!(await retryDelivery(this.pool, site.id, id, this.clock.nowMs()))) {
      throw new DomainError('conflict', `The delivery is ${state}: only a dead one can be tried again`);
    }
    return toDeliveryView(await getDelivery(this.pool, site, id));
  }
}
