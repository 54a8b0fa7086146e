import { Inject, Injectable } from '@nestjs/common';
import {
  acknowledgedPage,
  askingPage,
  readLink,
  refusedLinkPage,
  type Language,
  type LinkClaim,
  type Message,
} from '#libs/alerts';
import type { Environment } from '#libs/config';
import type { Clock } from '#libs/kernel';
import { CLOCK, CONFIG, POOL } from '#libs/platform';
import {
  acknowledgeByLink,
  becomeActor,
  isLinkUsed,
  linkSecret,
  readMessages,
  type DeliveryMessage,
  type Pool,
} from '#libs/storage';

/** A page for people, and how it went. */
export interface LinkAnswer {
  readonly status: 200 | 404 | 410;
  readonly page: string;
  /** The same for programs, where the link does not work. */
  readonly problem?: string;
}

type Refusal = 'used' | 'expired' | 'unknown';

const PROBLEMS: Record<Refusal, string> = {
  used: 'This link has been used: it works once',
  expired: 'This link has expired: acknowledge the fault in Felinar',
  unknown: 'This link is not valid: take it from the message as a whole',
};

/** Links in messages by which a crew acknowledges a fault. */
@Injectable()
export class AcknowledgeService {
  constructor(
    @Inject(CONFIG) private readonly config: Environment,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Shows what it is about, and asks. Changes nothing: mail scanners open every link. */
  async ask(token: string): Promise<LinkAnswer> {
    const claim = await this.read(token);
    if (typeof claim === 'string') return refused(claim);
    const message = await this.message(claim);
    if (message === undefined) return refused('unknown');
    if (await isLinkUsed(this.pool, claim.deliveryId, claim.faultId)) return refused('used', message.crew.language);
    const by = message.notices[0]?.fault.acknowledgedBy;
    return { status: 200, page: typeof by === 'string' ? acknowledgedPage(message, by) : askingPage(message) };
  }

  async acknowledge(token: string): Promise<LinkAnswer> {
    const claim = await this.read(token);
    if (typeof claim === 'string') return refused(claim);
    becomeActor({ name: 'link', via: 'link' });
    const outcome = await acknowledgeByLink(this.pool, claim.deliveryId, claim.faultId, this.clock.nowMs());
    const message = await this.message(claim);
    if (message === undefined || outcome.kind === 'unknown') return refused('unknown');
    if (outcome.kind === 'used') return refused('used', message.crew.language);
    return { status: 200, page: acknowledgedPage(message, outcome.kind === 'already' ? outcome.by : undefined) };
  }

  private async read(token: string): Promise<LinkClaim | Refusal> {
    const secret = await linkSecret(this.pool, this.config.FELINAR_LINK_SECRET);
    const read = readLink(secret, token, this.clock.nowMs());
    if (read.ok) return read.value;
    return read.error === 'expired' ? 'expired' : 'unknown';
  }

  /** What the message told of this one fault; undefined when either is gone. */
  private async message({ deliveryId, faultId }: LinkClaim): Promise<Message | undefined> {
    const found: DeliveryMessage | undefined = (await readMessages(this.pool, [deliveryId])).get(deliveryId);
    if (found === undefined) return undefined;
    const { id, channel: _, ...message } = found;
    const notices = message.notices.filter(({ fault }) => fault.id === faultId);
    if (notices.length === 0) return undefined;
    return {
      ...message,
      deliveryId: id,
      notices: notices.map((notice) => ({ ...notice, acknowledgeUrl: undefined })),
    };
  }
}

function refused(why: Refusal, language: Language = 'en'): LinkAnswer {
  return { status: why === 'unknown' ? 404 : 410, page: refusedLinkPage(language, why), problem: PROBLEMS[why] };
}
