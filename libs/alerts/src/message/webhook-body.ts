import { faultWords } from '../words/words.js';
import type { Message, Notice } from './notice.js';
import { titleOf } from './notice-lines.js';

/** The JSON of a webhook: what the email says, for machines. New members may come; `v` grows when old ones change. */
export function webhookBody(message: Message): object {
  return {
    v: 1,
    delivery: message.deliveryId,
    kind: message.kind,
    time: iso(message.atMs),
    site: { address: message.site.address, name: message.site.name, timeZone: message.site.timeZone },
    crew: { address: message.crew.address, name: message.crew.name },
    alerts: message.notices.map((notice) => alertOf(notice, message)),
  };
}

function alertOf(notice: Notice, message: Message): object {
  const { fault } = notice;
  const { likelyCause, bring } = faultWords(fault.kind, message.crew.language);
  const { kind, severity, subjectKind, lamp, device, cabinet, circuit, streets, pole, latitude, longitude } = fault;
  return {
    event: notice.event,
    time: iso(notice.atMs),
    title: titleOf(notice, message),
    likelyCause,
    bring,
    fault: {
      id: Number(fault.id),
      ...{ kind, severity, subjectKind, lamp, device, cabinet, circuit, streets, pole, latitude, longitude },
      lampCount: fault.lampCount,
      evidence: fault.evidence,
      since: iso(fault.sinceMs),
      clearedAt: fault.clearedAtMs === null ? null : iso(fault.clearedAtMs),
      acknowledgedBy: fault.acknowledgedBy,
    },
    acknowledgeUrl: notice.acknowledgeUrl ?? null,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
