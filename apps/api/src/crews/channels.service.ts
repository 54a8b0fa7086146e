import { Inject, Injectable } from '@nestjs/common';
import { webhookUrlProblem } from '#libs/alerts';
import type { Environment } from '#libs/config';
import { DomainError, type Clock } from '#libs/kernel';
import { CLOCK, CONFIG, POOL } from '#libs/platform';
import {
  createChannel,
  getChannel,
  getDelivery,
  listChannels,
  removeChannel,
  renewSecret,
  requestTest,
  updateChannel,
  type ChannelData,
  type CrewChannel,
  type ExpectedVersion,
  type Pool,
} from '#libs/storage';
import { z } from 'zod';
import { SitesService } from '../sites/sites.service.js';
import type {
  channelView,
  channelWithSecret,
  createChannel as createSchema,
  updateChannel as updateSchema,
} from './channel.schema.js';
import { toDeliveryView, type DeliveryView } from './delivery-view.js';

type ChannelView = z.infer<typeof channelView>;
type ChannelWithSecret = z.infer<typeof channelWithSecret>;

@Injectable()
export class ChannelsService {
  constructor(
    private readonly sites: SitesService,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Environment,
  ) {}

  async list(site: string, crew: string): Promise<{ items: ChannelView[] }> {
    return { items: (await listChannels(this.pool, await this.sites.find(site), crew)).map(toView) };
  }

  async get(site: string, crew: string, id: string): Promise<ChannelView> {
    return toView(await getChannel(this.pool, await this.sites.find(site), crew, id));
  }

  async create(site: string, crew: string, data: z.infer<typeof createSchema>): Promise<ChannelWithSecret> {
    const found = await this.sites.find(site);
    this.check(data);
    const { channel, secret } = await createChannel(this.pool, found, crew, data, this.clock.nowMs());
    return { ...toView(channel), secret: secret ?? null };
  }

  async update(
    site: string,
    crew: string,
    id: string,
    changes: z.infer<typeof updateSchema>,
    expected: ExpectedVersion,
  ): Promise<ChannelView> {
    const found = await this.sites.find(site);
    const change = (channel: CrewChannel): ChannelData => {
      const data = { ...channel, ...changes };
      this.check(data);
      return data;
    };
    return toView(await updateChannel(this.pool, found, crew, id, change, expected, this.clock.nowMs()));
  }

  async remove(site: string, crew: string, id: string, expected: ExpectedVersion): Promise<void> {
    await removeChannel(this.pool, await this.sites.find(site), crew, id, expected);
  }

  async renewSecret(site: string, crew: string, id: string, expected: ExpectedVersion): Promise<ChannelWithSecret> {
    const found = await this.sites.find(site);
    const { channel, secret } = await renewSecret(this.pool, found, crew, id, expected, this.clock.nowMs());
    return { ...toView(channel), secret };
  }

  /** The API only asks for it: monitor sends it, as it sends all. */
  async test(siteAddress: string, crew: string, id: string): Promise<DeliveryView> {
    const site = await this.sites.find(siteAddress);
    const channel = await getChannel(this.pool, site, crew, id);
    const deliveryId = await requestTest(this.pool, channel, this.clock.nowMs());
    return toDeliveryView(await getDelivery(this.pool, site, deliveryId));
  }

  private check({ kind, target, events, escalationAfterMin }: ChannelData): void {
    const faults = [];
    const problem =
      kind === 'email' ? emailProblem(target) : webhookUrlProblem(target, this.config.FELINAR_WEBHOOK_ALLOW_PRIVATE);
    if (problem !== undefined) faults.push({ at: '/target', problem });
    if (events.length === 0 && escalationAfterMin === null) {
      faults.push({ at: '/events', problem: 'must not be empty without escalationAfterMin: nothing would ever come' });
    }
    if (faults.length > 0)
      throw new DomainError('invalid', 'The channel could not deliver anything: see errors', faults);
  }
}

function emailProblem(text: string): string | undefined {
  return z.email().max(254).safeParse(text).success
    ? undefined
    : 'must be an email address such as nord@botosani.example';
}

function toView(channel: CrewChannel): ChannelView {
  const { id, kind, target, minimumSeverity, digestAt, escalationAfterMin, area, version } = channel;
  return {
    ...{ id, kind, target, minimumSeverity, digestAt, escalationAfterMin, version },
    events: [...channel.events],
    area: area.kind === 'site' ? area : { ...area, groups: [...area.groups], cabinets: [...area.cabinets] },
    hours: channel.hours.map((window) => ({ ...window, weekdays: [...window.weekdays] })),
    createdAt: channel.createdAt.toISOString(),
    updatedAt: channel.updatedAt.toISOString(),
  };
}
