import { judgeSmtpFailure, renderEmail, type Message, type Outcome } from '#libs/alerts';
import { createTransport, type Transporter } from 'nodemailer';

const CONNECT_WITHIN_MS = 10_000;
/** A server that says nothing for so long has hung. */
const SILENT_FOR_MS = 30_000;

/** Hands emails to the mail server. */
export class EmailSender {
  private readonly transport: Transporter | undefined;
  private readonly domain: string;

  /** `url` undefined: no mail server is configured, and emails wait. */
  constructor(
    url: string | undefined,
    private readonly from: string,
  ) {
    this.domain = /@([^\s@<>]+?)>?$/.exec(from)?.[1] ?? 'felinar';
    if (url === undefined) return;
    this.transport = createTransport({
      ...{
        url,
        connectionTimeout: CONNECT_WITHIN_MS,
        greetingTimeout: CONNECT_WITHIN_MS,
        dnsTimeout: CONNECT_WITHIN_MS,
      },
      socketTimeout: SILENT_FOR_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    } as Parameters<typeof createTransport>[0]);
  }

  async send(message: Message, address: string): Promise<Outcome> {
    if (this.transport === undefined)
      return { kind: 'delayed', problem: 'FELINAR_SMTP_URL is not set: there is no mail server to send with' };
    const { deliveryId, notices } = message;
    // Messages on one fault show as one conversation.
    const thread = notices.map(({ fault }) => `<fault-${fault.id}.${message.site.address}@${this.domain}>`);
    try {
      await this.transport.sendMail({
        ...renderEmail(message),
        from: this.from,
        to: { name: '', address },
        date: new Date(message.atMs),
        messageId: `<${deliveryId}@${this.domain}>`,
        ...(message.kind === 'alert' ? { references: thread } : {}),
        headers: { 'auto-submitted': 'auto-generated', 'felinar-delivery': deliveryId },
      });
      return { kind: 'accepted' };
    } catch (error) {
      const { message: text, code, responseCode } = error as Error & { code?: string; responseCode?: number };
      return judgeSmtpFailure({ message: text.slice(0, 300), code, responseCode });
    }
  }
}
