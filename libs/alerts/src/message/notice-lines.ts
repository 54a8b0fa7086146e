import { localDateOf, localMinutesOfDay } from '#libs/kernel';
import { evidenceIn } from '../words/evidence.js';
import { faultWords, wordsOf, type Words } from '../words/words.js';
import type { FaultFacts, Message, Notice } from './notice.js';

/** One line of a message; `url`: what it leads to. */
export interface NoticeLine {
  readonly label: string;
  readonly value: string;
  readonly url?: string;
}

/** `Back again: Lamp is dark`. */
export function titleOf({ event, fault }: Notice, { crew }: Message): string {
  const prefix = wordsOf(crew.language).event[event];
  const { title } = faultWords(fault.kind, crew.language);
  return prefix === '' ? title : `${prefix}: ${title}`;
}

/** What it is about, in a few words: `BT-0001, Strada Mare`. */
export function placeOf(fault: FaultFacts, { crew }: Message): string {
  const subject = {
    lamp: fault.lamp,
    device: fault.lamp ?? fault.device,
    circuit: [fault.cabinet, fault.circuit].filter(isText).join('/'),
    cabinet: fault.cabinet,
    site: wordsOf(crew.language).wholeSite,
  }[fault.subjectKind];
  return [subject, fault.streets[0]].filter(isText).join(', ');
}

/** Everything a crew is told of one fault, line by line; lines without a value are left out. */
export function linesOf(notice: Notice, message: Message): NoticeLine[] {
  const { fault } = notice;
  const { language } = message.crew;
  const words = wordsOf(language);
  const about = faultWords(fault.kind, language);
  const at = (ms: number | null) => (ms === null ? '' : localTime(ms, message.site.timeZone));
  const lines: NoticeLine[] = [
    { label: words.what, value: `${about.title} (${words.severity[fault.severity]})` },
    { label: words.lamp, value: fault.lamp ?? '' },
    { label: words.device, value: fault.device === fault.lamp ? '' : (fault.device ?? '') },
    { label: words.where, value: whereOf(fault, words) },
    mapLine(fault, words),
    { label: words.since, value: at(fault.sinceMs) },
    { label: words.clearedAt, value: at(fault.clearedAtMs) },
    { label: words.likelyCause, value: about.likelyCause },
    { label: words.bring, value: about.bring },
    { label: words.evidence, value: evidenceIn(language, fault.evidence, at) },
    { label: words.lamps, value: String(fault.lampCount) },
    { label: words.acknowledgedBy, value: fault.acknowledgedBy ?? '' },
  ];
  return lines.map((line) => ({ ...line, value: oneLine(line.value) })).filter(({ value }) => value !== '');
}

function whereOf({ streets, pole, cabinet, circuit, subjectKind }: FaultFacts, words: Words): string {
  const parts = [
    streets.join('; '),
    isText(pole) ? `${words.pole} ${pole}` : '',
    isText(cabinet) ? `${words.cabinet.toLowerCase()} ${cabinet}` : '',
    isText(circuit) ? `${words.circuit.toLowerCase()} ${circuit}` : '',
  ].filter(isText);
  return parts.length === 0 && subjectKind === 'site' ? words.wholeSite : parts.join(', ');
}

function mapLine({ latitude, longitude }: FaultFacts, words: Words): NoticeLine {
  if (latitude === null || longitude === null) return { label: words.position, value: '' };
  const [lat, lon] = [latitude.toFixed(5), longitude.toFixed(5)];
  const url = `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=18/${lat}/${lon}`;
  return { label: words.position, value: `${lat}, ${lon}`, url };
}

/** `2026-11-24 19:30 (Europe/Bucharest)`: no month names, no doubt of the zone. */
export function localTime(ms: number, timeZone: string): string {
  const minutes = localMinutesOfDay(ms, timeZone);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${localDateOf(ms, timeZone)} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)} (${timeZone})`;
}

/** Names come from files and devices: none of them may begin a line of its own. */
export function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
}

function isText(text: string | null | undefined): text is string {
  return text !== null && text !== undefined && text !== '';
}
