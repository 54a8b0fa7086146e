/** A number as people write it: `47.74`, or `47,74` where a decimal comma may stand. Undefined when it is not one. */
export function readNumber(text: string, decimalComma: boolean | undefined): number | undefined {
  const mark = decimalComma === undefined ? '[.,]' : decimalComma ? ',' : '\\.';
  if (!new RegExp(`^[+-]?(\\d+(${mark}\\d+)?|${mark}\\d+)(e[+-]?\\d{1,3})?$`, 'i').test(text)) return undefined;
  const value = Number(text.replace(',', '.'));
  return Number.isFinite(value) ? value : undefined;
}

/** The two numbers of a cell such as `47.74, 26.66`, `47,74; 26,66`, `(47.74 26.66)` or `47,74,26,66`. */
export function readPair(text: string, decimalComma: boolean | undefined): [number, number] | undefined {
  const bare = text.replace(/^[([]\s*|\s*[)\]]$/g, '').trim();
  const parts = splitPair(bare);
  if (parts.length !== 2) return undefined;
  const [first, second] = parts.map((part) => readNumber(part.trim(), decimalComma));
  return first === undefined || second === undefined ? undefined : [first, second];
}

function splitPair(text: string): string[] {
  if (text.includes(';')) return text.split(';');
  if (/\s/.test(text)) return text.split(/\s*,?\s+/);
  const parts = text.split(',');
  return parts.length === 4 ? [`${parts[0]},${parts[1]}`, `${parts[2]},${parts[3]}`] : parts;
}
