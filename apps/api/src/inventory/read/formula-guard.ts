/**
 * Spreadsheets run cells that begin with = + - @ (also as wide characters), or with a tab or line end before them, as formulas: such a text
 * is written with an apostrophe before it, and the apostrophe is taken off again on reading. The two are exact inverses.
 */
export function guardFormula(text: string): string {
  return /^'*[=+\-@＝＋－＠\t\r\n]/.test(text) ? `'${text}` : text;
}

export function unguardFormula(text: string): string {
  return /^'+[=+\-@＝＋－＠\t\r\n]/.test(text) ? text.slice(1) : text;
}
