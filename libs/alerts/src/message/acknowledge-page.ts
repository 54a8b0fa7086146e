import { wordsOf } from '../words/words.js';
import { escapeHtml, htmlPage } from './html.js';
import { linesOf, placeOf, titleOf } from './notice-lines.js';
import type { Language, Message } from './notice.js';

/** The page that asks: opening it acknowledges nothing, since mail scanners open every link. */
export function askingPage(message: Message): string {
  const words = wordsOf(message.crew.language).page;
  return pageOf(
    message,
    `<p>${escapeHtml(words.question)}</p><form method="post"><button style="font-size: 1.2em; padding: 0.5em 1em">` +
      `${escapeHtml(words.button)}</button></form>`,
  );
}

/** The page that says that somebody has acknowledged it: now, or `by` somebody before. */
export function acknowledgedPage(message: Message, by?: string): string {
  const words = wordsOf(message.crew.language).page;
  return pageOf(message, `<p><strong>${escapeHtml(by === undefined ? words.done : words.already(by))}</strong></p>`);
}

/** The page of a link that does not work. */
export function refusedLinkPage(language: Language, why: 'used' | 'expired' | 'unknown'): string {
  const words = wordsOf(language).page;
  return htmlPage(language, words.title, `<h1>${escapeHtml(words.title)}</h1><p>${escapeHtml(words[why])}</p>`);
}

function pageOf(message: Message, end: string): string {
  const { language } = message.crew;
  const { title } = wordsOf(language).page;
  const notices = message.notices.map((notice) => {
    const rows = linesOf(notice, message).map(
      ({ label, value }) => `<dt><strong>${escapeHtml(label)}</strong></dt><dd>${escapeHtml(value)}</dd>`,
    );
    const headline = `${titleOf(notice, message)}: ${placeOf(notice.fault, message)}`;
    return `<h1>${escapeHtml(headline)}</h1><dl>${rows.join('')}</dl>`;
  });
  return htmlPage(language, title, `${notices.join('')}${end}`);
}
