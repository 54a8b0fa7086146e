import { EVIDENCE, filled, type EvidenceName } from '#libs/faults';
import type { Language } from '../message/notice.js';
import { ROMANIAN_EVIDENCE } from './romanian.js';

const SENTENCES: Readonly<Record<Language, Readonly<Record<EvidenceName, string>>>> = {
  en: EVIDENCE,
  ro: ROMANIAN_EVIDENCE,
};

/** Each sentence as what it looks like when its blanks are filled in. */
const SHAPES = (Object.keys(EVIDENCE) as EvidenceName[]).map((name) => ({
  name,
  shape: new RegExp(
    `^${EVIDENCE[name].replace(/[.?+^$()[\]\\|]/g, String.raw`\$&`).replace(/\{(\w+)\}/g, '(?<$1>.+?)')}$`,
    's',
  ),
}));
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/**
 * What a fault's evidence, which is kept in English, says in a crew's language; `localTime` writes instants. What is none of the sentences of
 * libs/faults comes back as it is: people, and versions to come, have their own.
 */
export function evidenceIn(language: Language, english: string, localTime: (ms: number) => string): string {
  for (const { name, shape } of SHAPES) {
    const blanks = shape.exec(english);
    if (blanks === null) continue;
    const written = Object.entries(blanks.groups ?? {}).map(([blank, value]) => {
      if (INSTANT.test(value)) return [blank, localTime(Date.parse(value))];
      return [blank, language === 'ro' && /^-?\d+\.\d+$/.test(value) ? value.replace('.', ',') : value];
    });
    return filled(SENTENCES[language][name], Object.fromEntries(written) as Record<string, string>);
  }
  return english;
}
