/** Work that is done again and again, never twice at once: a call while it runs means once more afterwards. */
export class Tick {
  private running: Promise<void> | undefined;
  private isWanted = false;
  private stopping = false;

  /** `work` re-reads and re-decides every time; when it fails, `onError` is told and the next call tries again. */
  constructor(
    private readonly work: () => Promise<void>,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Starts the work, or sees to it that it is done once more. */
  trigger(): void {
    this.isWanted = true;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
  }

  /** Starts the work, or sees to it that it is done once more, and waits for that. */
  async once(): Promise<void> {
    this.trigger();
    await this.running;
  }

  get isStopping(): boolean {
    return this.stopping;
  }

  /** Waits for what runs; starts nothing more. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  private async run(): Promise<void> {
    while (this.isWanted && !this.stopping) {
      this.isWanted = false;
      await this.work().catch(this.onError);
    }
  }
}
