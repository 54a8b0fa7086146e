/** What PostgreSQL's text can hold of a text: JSON's texts may have NUL and half surrogate pairs in them, a database refuses both. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}
