/** Whose turn it is, and when: a binary heap by simulated instant. */
export class ReportQueue<T> {
  private readonly heap: { readonly atMs: number; readonly item: T }[] = [];

  get size(): number {
    return this.heap.length;
  }

  /** The earliest instant; undefined when nothing waits. */
  get nextMs(): number | undefined {
    return this.heap[0]?.atMs;
  }

  push(atMs: number, item: T): void {
    const { heap } = this;
    let index = heap.push({ atMs, item }) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.at(parent) <= atMs) break;
      this.swap(index, parent);
      index = parent;
    }
  }

  /** Takes the earliest. Throws when nothing waits. */
  pop(): T {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) throw new RangeError('the queue is empty');
    if (heap.length === 0) return first.item;
    heap[0] = last;
    for (let index = 0; ;) {
      const left = 2 * index + 1;
      const smaller = this.at(left + 1) < this.at(left) ? left + 1 : left;
      if (this.at(smaller) >= this.at(index)) break;
      this.swap(index, smaller);
      index = smaller;
    }
    return first.item;
  }

  private at(index: number): number {
    return this.heap[index]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  private swap(a: number, b: number): void {
    const { heap } = this;
    const held = heap[a];
    const other = heap[b];
    if (held === undefined || other === undefined) return;
    heap[a] = other;
    heap[b] = held;
  }
}
