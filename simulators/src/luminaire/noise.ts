/** Noise that can be had again: a hash instead of a random number. */

/**
 * A number in [-1, 1), evenly spread, always the same for the same two integers.
 * The mixing is MurmurHash3's 32-bit finalizer (Appleby, public domain), applied to each in turn.
 */
export function noise(seed: number, index: number): number {
  const mixed = mix(mix(seed | 0) ^ Math.imul(index | 0, 0x9e3779b1));
  return mixed / 0x80000000;
}

function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
