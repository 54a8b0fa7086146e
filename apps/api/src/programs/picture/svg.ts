/** SVG as text. Whatever people named is escaped here, and nowhere else. */

export type Attributes = Readonly<Record<string, string | number | undefined>>;

export const FONT = `Helvetica, Arial, 'Liberation Sans', sans-serif`;

/** An element; children are SVG already. */
export function tag(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeXml(typeof value === 'number' ? short(value) : value)}"`],
  );
  const open = `<${name}${written.join('')}`;
  return children.length === 0 ? `${open}/>` : `${open}>${children.join('')}</${name}>`;
}

/** A text at a place. */
export function label(content: string, x: number, y: number, attributes: Attributes = {}): string {
  return tag('text', { x, y, ...attributes }, escapeXml(content));
}

/** The whole picture, on white; `title` is for those who cannot see it. */
export function svgDocument(width: number, height: number, title: string, content: readonly string[]): string {
  const attributes = {
    ...{ xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${short(width)} ${short(height)}` },
    ...{ width, height, role: 'img', 'font-family': FONT, 'font-size': 12, fill: '#1f2933' },
  };
  const background = tag('rect', { width, height, fill: '#ffffff' });
  return `${tag('svg', attributes, tag('title', {}, escapeXml(title)), background, ...content)}\n`;
}

/** Points of a path, line by line. */
export function pathOf(points: readonly (readonly [number, number])[], close = false): string {
  const steps = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${short(x)} ${short(y)}`);
  return steps.join('') + (close ? 'Z' : '');
}

/** How wide a text is about, px: enough to keep labels apart. */
export function widthOf(content: string, fontSize: number): number {
  const capitals = content.match(/\p{Lu}/gu)?.length ?? 0;
  return (content.length * 0.56 + capitals * 0.18) * fontSize;
}

/** A text cut to a width, px. */
export function fitted(content: string, fontSize: number, width: number): string {
  const characters = [...content];
  const room = Math.max(1, Math.floor(width / (fontSize * 0.56)));
  return characters.length <= room ? content : `${characters.slice(0, room - 1).join('')}…`;
}

export function escapeXml(content: string): string {
  return (
    content
      .toWellFormed()
      // XML cannot hold these, not even escaped.

      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
