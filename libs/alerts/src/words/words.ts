import { FAULTS, type FaultKind, type Severity } from '#libs/faults';
import type { AlertEvent } from '../channel.js';
import type { Language } from '../message/notice.js';
import { ENGLISH } from './english.js';
import { ROMANIAN, ROMANIAN_FAULTS } from './romanian.js';

/** What a fault is called, and what helps. */
export interface FaultWords {
  readonly title: string;
  readonly likelyCause: string;
  readonly bring: string;
}

/** The words of a language, those of the faults apart. */
export interface Words {
  readonly severity: Readonly<Record<Severity, string>>;
  /** Before the title; empty: the title says it. */
  readonly event: Readonly<Record<AlertEvent, string>>;
  readonly what: string;
  readonly lamp: string;
  readonly device: string;
  readonly cabinet: string;
  readonly circuit: string;
  readonly where: string;
  readonly pole: string;
  readonly position: string;
  readonly since: string;
  readonly clearedAt: string;
  readonly likelyCause: string;
  readonly bring: string;
  readonly evidence: string;
  readonly lamps: string;
  readonly acknowledgedBy: string;
  readonly acknowledge: string;
  readonly wholeSite: string;
  readonly digest: (count: number) => string;
  readonly test: string;
  readonly testBody: (site: string, crew: string) => string;
  readonly footer: (site: string, crew: string) => string;
  /** The page behind the link. */
  readonly page: {
    readonly title: string;
    readonly question: string;
    readonly button: string;
    readonly done: string;
    readonly already: (by: string) => string;
    readonly used: string;
    readonly expired: string;
    readonly unknown: string;
  };
}

const WORDS: Readonly<Record<Language, Words>> = { en: ENGLISH, ro: ROMANIAN };

export function wordsOf(language: Language): Words {
  return WORDS[language];
}

/** The words for a kind of fault; a kind that is not known is its own title. */
export function faultWords(kind: string, language: Language): FaultWords {
  if (!Object.hasOwn(FAULTS, kind)) return { title: kind, likelyCause: '', bring: '' };
  return language === 'ro' ? ROMANIAN_FAULTS[kind as FaultKind] : FAULTS[kind as FaultKind];
}
