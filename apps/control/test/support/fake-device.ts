import { topicOf, type Command, type Program } from '#libs/protocol';
import mqtt, { type MqttClient } from 'mqtt';

/** A device of which a test decides what it answers. */
export class FakeDevice {
  readonly commands: Command[] = [];
  readonly programs: Program[] = [];
  /** What it does with a command; undefined: it does not answer. */
  answer: ((command: Command) => object | undefined) | undefined = () => ({ result: 'executed' });
  /** Whether it says which program it runs. */
  reports = true;
  private client: MqttClient | undefined;

  constructor(
    private readonly url: string,
    readonly address: string,
    private readonly nowMs: () => number,
  ) {}

  async connect(): Promise<this> {
    const client = await mqtt.connectAsync(this.url, { protocolVersion: 4, reconnectPeriod: 100 });
    this.client = client;
    client.on('message', (topic, payload) => this.receive(topic, payload));
    await client.subscribeAsync(
      (['command', 'program'] as const).map((channel) => topicOf('BT', this.address, channel)),
      { qos: 1 },
    );
    return this;
  }

  async leave(): Promise<void> {
    await this.client?.endAsync(true);
  }

  say(channel: 'ack' | 'program-state', payload: object): void {
    const time = new Date(this.nowMs()).toISOString();
    this.client?.publish(topicOf('BT', this.address, channel), JSON.stringify({ v: 1, time, ...payload }), { qos: 1 });
  }

  private receive(topic: string, payload: Buffer): void {
    if (payload.length === 0) return;
    const message: unknown = JSON.parse(String(payload));
    if (topic.endsWith('/program')) {
      const program = message as Program;
      this.programs.push(program);
      if (this.reports) this.say('program-state', { programHash: program.programHash });
      return;
    }
    const command = message as Command;
    this.commands.push(command);
    const answer = this.answer?.(command);
    if (answer !== undefined) this.say('ack', { commandId: command.commandId, ...answer });
  }
}
