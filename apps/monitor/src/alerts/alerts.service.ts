import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Environment } from '#libs/config';
import type { Clock } from '#libs/kernel';
import { CAPABILITY, CLOCK, CONFIG, POOL, Tick } from '#libs/platform';
import {
  ChangeListener,
  escalateUnacknowledged,
  linkSecret,
  makeDigests,
  type DatabaseCapability,
  type Pool,
} from '#libs/storage';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AlertMetrics } from './alert-metrics.js';
import { AlertRouter } from './alert-router.js';
import { Deliverer } from './deliverer.js';
import { EmailSender } from './email-sender.js';
import { WebhookSender } from './webhook-sender.js';

const ROUTE_EVERY_MS = 1_000;
const DELIVER_EVERY_MS = 1_000;

/** From the alert in the outbox to the crew: route, collect, deliver, escalate. Every tick re-reads and re-decides. */
@Injectable()
export class AlertsService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly route: Tick;
  private readonly deliver: Tick;
  private readonly router: AlertRouter;
  private readonly listener: ChangeListener;
  private deliverer: Deliverer | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Environment,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(POOL) private readonly pool: Pool,
    private readonly metrics: AlertMetrics,
    @Inject(CAPABILITY) _capability: DatabaseCapability,
    @InjectPinoLogger(AlertsService.name) private readonly log: PinoLogger,
  ) {
    this.router = new AlertRouter(pool, clock, metrics, ({ id, siteId, faultId, event, messageId, channels }) =>
      this.log.info(
        { correlationId: messageId ?? undefined, alertId: id, siteId, faultId, event, channels },
        'alert routed',
      ),
    );
    this.route = new Tick(
      () => this.routeAll(),
      (error) => this.log.warn({ err: error }, 'alerts could not be routed; trying again in 1 s'),
    );
    this.deliver = new Tick(
      () => this.deliverAll(),
      (error) => this.log.warn({ err: error }, 'messages could not be delivered; trying again in 1 s'),
    );
    this.listener = new ChangeListener(config.FELINAR_DATABASE_URL, 'alert_work', () => this.lookForWork());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.listener.start();
  }

  @Interval(ROUTE_EVERY_MS)
  lookForAlerts(): void {
    this.route.trigger();
  }

  @Interval(DELIVER_EVERY_MS)
  lookForDue(): void {
    this.deliver.trigger();
  }

  /** Does at once all that there is to do by now. */
  async lookOnce(): Promise<void> {
    await this.route.once();
    await this.deliver.once();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.route.stop(), this.deliver.stop()]);
    await this.listener.stop();
  }

  private lookForWork(): void {
    this.route.trigger();
    this.deliver.trigger();
  }

  private async routeAll(): Promise<void> {
    const escalated = await escalateUnacknowledged(this.pool, this.clock.nowMs());
    if (escalated > 0) this.log.info({ escalated }, 'faults escalated: nobody has acknowledged them');
    while (!this.route.isStopping && (await this.router.round()));
    await makeDigests(this.pool, this.clock.nowMs());
  }

  private async deliverAll(): Promise<void> {
    this.deliverer ??= await this.makeDeliverer();
    while (!this.deliver.isStopping && (await this.deliverer.round()));
  }

  private async makeDeliverer(): Promise<Deliverer> {
    const { pool, clock, config, metrics } = this;
    return new Deliverer({
      ...{ pool, clock, metrics },
      onTried: (tried) => this.log.info(tried, 'delivery tried'),
      isStopping: () => this.deliver.isStopping,
      email: new EmailSender(config.FELINAR_SMTP_URL, config.FELINAR_SMTP_FROM),
      webhook: new WebhookSender(config.FELINAR_WEBHOOK_ALLOW_PRIVATE),
      links: { publicUrl: config.FELINAR_PUBLIC_URL, secret: await linkSecret(pool, config.FELINAR_LINK_SECRET) },
    });
  }
}
