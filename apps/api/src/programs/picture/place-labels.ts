/** A label that wants to stand at an x. */
export interface Wanted {
  readonly x: number;
  readonly width: number;
  readonly anchor?: 'start' | 'middle' | 'end';
}

export interface Placed {
  readonly left: number;
  /** 0 is nearest to what it labels. */
  readonly row: number;
}

const GAP = 8;

/**
 * Puts labels into rows so that none touches another and none leaves the picture; as many rows as that takes. From the right, so that
 * the lines of labels which begin at their x do not cross those beside them.
 */
export function placeLabels(
  wanted: readonly Wanted[],
  minX: number,
  maxX: number,
): { readonly placed: readonly Placed[]; readonly rows: number } {
  const lefts = wanted.map((label) => Math.max(minX, Math.min(leftOf(label), maxX - label.width)));
  const placed: Placed[] = lefts.map((left) => ({ left, row: 0 }));
  const rightmostFirst = [...lefts.entries()].sort(([, a], [, b]) => b - a);
  const done: Placed[] = [];
  for (const [index, left] of rightmostFirst) {
    const end = left + (wanted[index]?.width ?? 0) + GAP;
    const beside = done.filter((other) => other.left < end).map(({ row }) => row);
    const label = { left, row: Math.max(-1, ...beside) + 1 };
    placed[index] = label;
    done.push(label);
  }
  return { placed, rows: Math.max(-1, ...placed.map(({ row }) => row)) + 1 };
}

function leftOf({ x, width, anchor = 'middle' }: Wanted): number {
  return anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
}
