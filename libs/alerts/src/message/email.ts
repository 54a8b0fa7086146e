import { wordsOf } from '../words/words.js';
import { escapeHtml, htmlPage } from './html.js';
import { linesOf, oneLine, placeOf, titleOf } from './notice-lines.js';
import type { Message, Notice } from './notice.js';

/** A message as an email shows it. */
export interface Email {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const MAX_SUBJECT = 200;
const BUTTON = 'display: inline-block; padding: 0.5em 1em; background: #1a5fb4; color: #ffffff; text-decoration: none';

/** The email of an alert, a digest or a test, in the language of its crew. */
export function renderEmail(message: Message): Email {
  const { language } = message.crew;
  const subject = `[Felinar] ${oneLine(headlineOf(message))}`.slice(0, MAX_SUBJECT);
  const footer = wordsOf(language).footer(oneLine(message.site.name), oneLine(message.crew.name));
  const text = [introOf(message), ...message.notices.map((notice) => noticeText(notice, message)), `-- \n${footer}`];
  const html = [
    introOf(message) === '' ? '' : `<p>${escapeHtml(introOf(message))}</p>`,
    ...message.notices.map((notice) => noticeHtml(notice, message)),
    `<p style="color: #5e5c64">${escapeHtml(footer)}</p>`,
  ];
  return {
    subject,
    text: `${text.filter((part) => part !== '').join('\n\n')}\n`,
    html: htmlPage(language, subject, html.join('')),
  };
}

function headlineOf(message: Message): string {
  const words = wordsOf(message.crew.language);
  if (message.kind === 'test') return `${words.test}: ${message.site.name}`;
  const [notice] = message.notices;
  if (message.kind === 'digest' || notice === undefined) {
    return `${words.digest(message.notices.length)}: ${message.site.name}`;
  }
  return `${titleOf(notice, message)}: ${placeOf(notice.fault, message)}`;
}

function introOf(message: Message): string {
  const words = wordsOf(message.crew.language);
  if (message.kind === 'test') return words.testBody(oneLine(message.site.name), oneLine(message.crew.name));
  return message.kind === 'digest' ? `${words.digest(message.notices.length)}.` : '';
}

function noticeText(notice: Notice, message: Message): string {
  const words = wordsOf(message.crew.language);
  const lines = linesOf(notice, message);
  const width = Math.max(...lines.map(({ label }) => label.length)) + 2;
  return [
    oneLine(titleOf(notice, message)),
    '',
    ...lines.map(({ label, value, url }) => `${label.padEnd(width)}${value}${url === undefined ? '' : `  ${url}`}`),
    ...(notice.acknowledgeUrl === undefined ? [] : ['', `${words.acknowledge}: ${notice.acknowledgeUrl}`]),
  ].join('\n');
}

function noticeHtml(notice: Notice, message: Message): string {
  const words = wordsOf(message.crew.language);
  const rows = linesOf(notice, message).map(({ label, value, url }) => {
    const shown = url === undefined ? escapeHtml(value) : link(url, value);
    return `<tr><td style="color: #5e5c64; padding-right: 1em; vertical-align: top">${escapeHtml(label)}</td><td>${shown}</td></tr>`;
  });
  const button =
    notice.acknowledgeUrl === undefined ? '' : `<p>${link(notice.acknowledgeUrl, words.acknowledge, BUTTON)}</p>`;
  return `<h2>${escapeHtml(oneLine(titleOf(notice, message)))}</h2><table>${rows.join('')}</table>${button}`;
}

function link(url: string, text: string, style = ''): string {
  return `<a href="${escapeHtml(url)}"${style === '' ? '' : ` style="${style}"`}>${escapeHtml(text)}</a>`;
}
