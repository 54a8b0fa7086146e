import { Injectable, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import type { Environment } from '#libs/config';
import { Publisher } from '#libs/mqtt';
import { brokerConnection, CONFIG } from '#libs/platform';
import { Logger } from 'nestjs-pino';

/** Messages on their way to the broker at the most. */
const IN_FLIGHT = 200;

/** The one connection on which control publishes. */
export const publisherProvider: Provider = {
  provide: Publisher,
  useFactory: (config: Environment, log: Logger) => {
    const publisher = new Publisher({
      broker: brokerConnection(config),
      clientId: `${config.FELINAR_CONTROL_CLIENT_ID}-publisher`,
      maxInFlight: IN_FLIGHT,
      onProblem: (message, error) => log.warn({ err: error }, message),
    });
    publisher.start();
    return publisher;
  },
  inject: [CONFIG, Logger],
};

/** Leaves the broker last: the services finish what they are sending in the phase before. */
@Injectable()
export class PublisherCloser implements OnApplicationShutdown {
  constructor(private readonly publisher: Publisher) {}

  async onApplicationShutdown(): Promise<void> {
    await this.publisher.stop();
  }
}
