import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly to: string;
  readonly messageId: string;
  /** Unfolded; as it came where it is plain ASCII. */
  readonly subject: string;
  /** As it came. */
  readonly raw: string;
  /** Header lines and quoted-printable text put together again. */
  readonly text: string;
}

/** A real SMTP server that can go down and come back on its port, and refuse. */
export class MailServer {
  readonly received: ReceivedMail[] = [];
  /** Connections and refusals counted. */
  connections = 0;
  /** What it answers to a recipient; undefined: welcome. */
  refusal: { readonly code: number; readonly text: string } | undefined;
  private server: SMTPServer | undefined;
  private port = 0;

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  async start(): Promise<this> {
    const server = new SMTPServer({
      authOptional: true,
      closeTimeout: 100,
      disabledCommands: ['STARTTLS'],
      onConnect: (_session, callback) => {
        this.connections += 1;
        callback();
      },
      onRcptTo: (_address, _session, callback) => {
        if (this.refusal === undefined) return callback();
        callback(Object.assign(new Error(this.refusal.text), { responseCode: this.refusal.code }));
      },
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const raw = Buffer.concat(chunks).toString('utf8');
          const [recipient] = session.envelope.rcptTo;
          this.received.push({
            to: recipient?.address ?? '',
            raw,
            messageId: /^message-id: *(\S+)/im.exec(raw)?.[1] ?? '',
            subject: (/^subject: (.*(?:\r?\n[ \t].*)*)/im.exec(raw)?.[1] ?? '').replace(/\r?\n(?=[ \t])/g, ''),
            text: decoded(raw),
          });
          callback();
        });
      },
    });
    // Clients that are cut off are no failure of the test.
    server.on('error', () => undefined);
    server.listen(this.port, '127.0.0.1');
    await once(server.server, 'listening');
    this.port = (server.server.address() as AddressInfo).port;
    this.server = server;
    return this;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

function decoded(raw: string): string {
  const bytes = raw
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
