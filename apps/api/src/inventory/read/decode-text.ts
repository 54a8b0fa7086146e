import { err, ok, type Result } from '#libs/kernel';
import type { Mapping } from './mapping.schema.js';

/** The bytes of a file as text. A file that is not UTF-8 has to say what it is: guessing would spoil names unseen. */
export function decodeText(bytes: Uint8Array, encoding: Mapping['encoding']): Result<string, string> {
  if (encoding === undefined || encoding === 'utf-8') {
    try {
      return checked(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch {
      return err(
        'the file is not UTF-8: give "encoding" in the mapping, windows-1250 for Central Europe or windows-1252 for Western Europe',
      );
    }
  }
  return checked(new TextDecoder(encoding).decode(bytes));
}

function checked(text: string): Result<string, string> {
  if (text.trim() === '') return err('the file is empty');
  if (text.includes('\u0000'))
    return err('the file holds NUL characters: it is binary or UTF-16; save it as CSV in UTF-8');
  return ok(text);
}
