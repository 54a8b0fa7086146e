import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Environment } from '#libs/config';
import { CAPABILITY, CONFIG, POOL, Tick } from '#libs/platform';
import { brokerUsername } from '#libs/protocol';
import { brokerPasswords, ChangeListener, type DatabaseCapability, type Pool } from '#libs/storage';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { passwordFile, replaceFile } from './password-file.js';

/** Without any change the file is looked at again this often: somebody may have deleted it, lamps may have gone. */
const EVERY_MS = 30_000;

/**
 * Keeps the broker's password file as the database says (docs/adr/0012-devices-at-the-broker.md). The file is a function of the
 * database: several control processes write the same, and one that comes back mends what it finds.
 */
@Injectable()
export class BrokerAccessService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly tick: Tick;
  private readonly listener: ChangeListener;
  private readonly path: string | undefined;

  constructor(
    @Inject(CONFIG) config: Environment,
    @Inject(POOL) private readonly pool: Pool,
    // Not used, awaited: nothing is read before the schema is up to date.
    @Inject(CAPABILITY) _capability: DatabaseCapability,
    @InjectPinoLogger(BrokerAccessService.name) private readonly log: PinoLogger,
  ) {
    this.path = config.FELINAR_BROKER_PASSWORDS_PATH;
    this.tick = new Tick(
      () => this.write(),
      (error) => this.log.error({ err: error }, 'the broker’s password file could not be written; trying again'),
    );
    this.listener = new ChangeListener(config.FELINAR_DATABASE_URL, 'device_credential_changed', () =>
      this.tick.trigger(),
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.path !== undefined) await this.listener.start();
  }

  @Interval(EVERY_MS)
  look(): void {
    if (this.path !== undefined) this.tick.trigger();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.tick.stop();
    if (this.path !== undefined) await this.listener.stop();
  }

  private async write(): Promise<void> {
    if (this.path === undefined) return;
    const known = await brokerPasswords(this.pool);
    const entries = known.map(({ site, device, hash }) => ({ username: brokerUsername(site, device), hash }));
    if (await replaceFile(this.path, passwordFile(entries)))
      this.log.info({ devices: entries.length }, 'the broker’s password file has been written');
  }
}
