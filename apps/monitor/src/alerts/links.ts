import { LINK_LIFE_MS, signLink, type Message } from '#libs/alerts';
import type { DeliveryMessage } from '#libs/storage';

/** Where people reach Felinar, and what signs the links there. */
export interface LinkSettings {
  /** Without a slash at the end; undefined: there are no links. */
  readonly publicUrl: string | undefined;
  readonly secret: string;
}

/** The message with a link to acknowledge each fault that still wants somebody. */
export function withLinks({ id, ...message }: DeliveryMessage, settings: LinkSettings, nowMs: number): Message {
  const { publicUrl, secret } = settings;
  const expiresAtMs = nowMs + LINK_LIFE_MS;
  const urlOf = (faultId: string) =>
    `${publicUrl}/api/v1/acknowledge/${signLink(secret, { deliveryId: id, faultId, expiresAtMs })}`;
  const notices = message.notices.map((notice) => {
    const { id: faultId, clearedAtMs, acknowledgedBy } = notice.fault;
    const isWanted = publicUrl !== undefined && clearedAtMs === null && acknowledgedBy === null;
    return { ...notice, acknowledgeUrl: isWanted ? urlOf(faultId) : undefined };
  });
  return { ...message, deliveryId: id, notices };
}
