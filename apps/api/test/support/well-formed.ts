/** The texts of an SVG, decoded; throws where it is not well-formed XML (without doctype, comments and CDATA, which we never write). */
export function textsOfSvg(svg: string): string[] {
  const token =
    /<\/([a-zA-Z]+)>|<([a-zA-Z]+)((?:\s+[a-zA-Z:-][a-zA-Z0-9:-]*="[^"<&]*(?:&(?:amp|lt|gt|quot);[^"<&]*)*")*)\s*(\/?)>|([^<]+)/gy;
  const open: string[] = [];
  const texts: string[] = [];
  let at = 0;
  while (at < svg.length) {
    token.lastIndex = at;
    const [whole, closed, opened, , empty, text] = token.exec(svg) ?? [];
    if (whole === undefined) throw new Error(`Not well-formed at ${at}: ${svg.slice(at, at + 60)}`);
    if (closed !== undefined && open.pop() !== closed) throw new Error(`</${closed}> closes nothing, at ${at}`);
    if (opened !== undefined && empty === '') open.push(opened);
    if (text !== undefined && /&(?!(amp|lt|gt|quot);)/.test(text)) throw new Error(`A bare & at ${at}`);
    if (text !== undefined) texts.push(decoded(text));
    at += whole.length;
  }
  if (open.length > 0) throw new Error(`Never closed: ${open.join(', ')}`);
  if (!svg.startsWith('<svg ')) throw new Error('Does not begin with <svg');
  return texts;
}

function decoded(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
