import { describe, expect, it } from '@jest/globals';
import { evidence, EVIDENCE, FAULTS } from '#libs/faults';
import fc from 'fast-check';
import { evidenceIn } from '../words/evidence.js';
import { ROMANIAN_EVIDENCE } from '../words/romanian.js';
import { faultWords } from '../words/words.js';
import { acknowledgedPage, askingPage, refusedLinkPage } from './acknowledge-page.js';
import { renderEmail } from './email.js';
import type { FaultFacts, Language, Message } from './notice.js';
import { webhookBody } from './webhook-body.js';

const LAMP: FaultFacts = {
  ...{ id: '17', kind: 'lampFailure', severity: 'major', subjectKind: 'lamp', lamp: 'BT-0001', device: 'BT-0001' },
  ...{ cabinet: 'CAB-01', circuit: 'C2', streets: ['Strada Mare'], pole: '12', latitude: 47.7401, longitude: 26.6655 },
  ...{
    lampCount: 1,
    evidence: 'draws 0.4 W at 100 %, where 50.5 W are expected',
    clearedAtMs: null,
    acknowledgedBy: null,
  },
  sinceMs: Date.parse('2026-11-24T17:30:00Z'),
};
const CABINET: FaultFacts = {
  ...LAMP,
  ...{
    id: '18',
    kind: 'cabinetOutage',
    severity: 'critical',
    subjectKind: 'cabinet',
    lamp: null,
    device: null,
    pole: null,
  },
  ...{
    circuit: null,
    streets: ['Calea Națională', 'Strada Mare'],
    lampCount: 42,
    evidence: '42 lamps not heard since 2026-11-24T17:30:00.000Z',
  },
};
const message = (language: Language, parts: Partial<Message> = {}): Message => ({
  deliveryId: '5b0c3a5e-0f0d-4f5c-8d0e-3a4c2b1d9e77',
  kind: 'alert',
  atMs: Date.parse('2026-11-24T17:31:00Z'),
  site: { address: 'BT', name: 'Botoșani', timeZone: 'Europe/Bucharest' },
  crew: { address: 'NORTH', name: 'Echipa Nord', language },
  notices: [
    {
      event: 'opened',
      atMs: LAMP.sinceMs,
      fault: LAMP,
      acknowledgeUrl: 'https://felinar.example/api/v1/acknowledge/TOKEN',
    },
  ],
  ...parts,
});

describe('the email of an alert', () => {
  it('in English', () => {
    const { subject, text } = renderEmail(message('en'));
    expect(`${subject}\n\n${text}`).toMatchInlineSnapshot(`
      "[Felinar] Lamp is dark: BT-0001, Strada Mare

      Lamp is dark

      What          Lamp is dark (major)
      Lamp          BT-0001
      Where         Strada Mare, pole 12, cabinet CAB-01, circuit C2
      Map           47.74010, 26.66550  https://www.openstreetmap.org/?mlat=47.74010&mlon=26.66550#map=18/47.74010/26.66550
      Since         2026-11-24 19:30 (Europe/Bucharest)
      Likely cause  LED module or driver
      Bring         a luminaire or driver of its type, a lift
      Evidence      draws 0.4 W at 100 %, where 50.5 W are expected
      Lamps         1

      Acknowledge: https://felinar.example/api/v1/acknowledge/TOKEN

      -- 
      Felinar, Botoșani, to Echipa Nord
      "
    `);
  });

  it('in Romanian', () => {
    const { subject, text } = renderEmail(message('ro'));
    expect(`${subject}\n\n${text}`).toMatchInlineSnapshot(`
      "[Felinar] Lampa este stinsă: BT-0001, Strada Mare

      Lampa este stinsă

      Ce               Lampa este stinsă (major)
      Lampa            BT-0001
      Unde             Strada Mare, stâlpul 12, punct de aprindere CAB-01, circuit C2
      Harta            47.74010, 26.66550  https://www.openstreetmap.org/?mlat=47.74010&mlon=26.66550#map=18/47.74010/26.66550
      De la            2026-11-24 19:30 (Europe/Bucharest)
      Cauza probabilă  modulul LED sau driverul
      De luat          un corp de iluminat sau un driver de același tip, nacela
      Constatare       consumă 0,4 W la 100 %, deși sunt de așteptat 50,5 W
      Lămpi            1

      Preia defectul: https://felinar.example/api/v1/acknowledge/TOKEN

      -- 
      Felinar, Botoșani, către Echipa Nord
      "
    `);
  });

  it('as HTML', () => {
    expect(renderEmail(message('ro')).html.replaceAll('><', '>\n<')).toMatchInlineSnapshot(`
      "<!doctype html>
      <html lang="ro">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>[Felinar] Lampa este stinsă: BT-0001, Strada Mare</title>
      </head>
      <body style="font-family: sans-serif; line-height: 1.4; max-width: 40em; margin: 1em auto; padding: 0 1em">
      <h2>Lampa este stinsă</h2>
      <table>
      <tr>
      <td style="color: #5e5c64; padding-right: 1em; vertical-align: top">Ce</td>
      <td>Lampa este stinsă (major)</td>
      </tr>
      <tr>
      <td style="color: #5e5c64; padding-right: 1em; vertical-align: top">Lampa</td>
      <td>BT-0001</td>
      </tr>
      <tr>
      <td style="color: #5e5c64; padding-right: 1em; vertical-align: top">Unde</td>
      <td>Strada Mare, stâlpul 12, punct de aprindere CAB-01, circuit C2</td>
      </tr>
      <tr>
      <td style="color: #5e5c64; padding-right: 1em; vertical-align: top">Harta</td>
      <td>
      <a href="https://www.openstreetmap.org/?mlat=47.74010&amp;mlon=26.66550#map=18/47.74010/26.66550">47.74010, 26.66550</a>
      </td>
      </tr>
      <tr>
      <td style="color: #5e5c64; padding-right: 1em; vertical-align: top">De la</td>
      <td>2026-11-24 19:30 (Europe/Bucharest)</td>
      </tr>
      <tr>
      <td style="color: #5e5c64; padding-right: 1em; vertical-align: top">Cauza probabilă</td>
      <td>modulul LED sau driverul</td>
      </tr>
      <tr>
      <td style="color: #5e5c64; padding-right: 1em; vertical-align: top">De luat</td>
      <td>un corp de iluminat sau un driver de același tip, nacela</td>
      </tr>
      <tr>
      <td style="color: #5e5c64; padding-right: 1em; vertical-align: top">Constatare</td>
      <td>consumă 0,4 W la 100 %, deși sunt de așteptat 50,5 W</td>
      </tr>
      <tr>
      <td style="color: #5e5c64; padding-right: 1em; vertical-align: top">Lămpi</td>
      <td>1</td>
      </tr>
      </table>
      <p>
      <a href="https://felinar.example/api/v1/acknowledge/TOKEN" style="display: inline-block; padding: 0.5em 1em; background: #1a5fb4; color: #ffffff; text-decoration: none">Preia defectul</a>
      </p>
      <p style="color: #5e5c64">Felinar, Botoșani, către Echipa Nord</p>
      </body>
      </html>
      "
    `);
  });

  it('of a digest', () => {
    const acknowledgeUrl = undefined;
    const cleared = { ...CABINET, clearedAtMs: Date.parse('2026-11-24T19:00:00Z'), acknowledgedBy: 'Maria Ionescu' };
    const notices = [
      { event: 'escalated' as const, atMs: 0, fault: LAMP, acknowledgeUrl },
      { event: 'cleared' as const, atMs: 0, fault: cleared, acknowledgeUrl },
    ];
    const { subject, text } = renderEmail(message('en', { kind: 'digest', notices }));
    expect(`${subject}\n\n${text}`).toMatchInlineSnapshot(`
      "[Felinar] 2 faults: Botoșani

      2 faults.

      Nobody has acknowledged: Lamp is dark

      What          Lamp is dark (major)
      Lamp          BT-0001
      Where         Strada Mare, pole 12, cabinet CAB-01, circuit C2
      Map           47.74010, 26.66550  https://www.openstreetmap.org/?mlat=47.74010&mlon=26.66550#map=18/47.74010/26.66550
      Since         2026-11-24 19:30 (Europe/Bucharest)
      Likely cause  LED module or driver
      Bring         a luminaire or driver of its type, a lift
      Evidence      draws 0.4 W at 100 %, where 50.5 W are expected
      Lamps         1

      Cleared: Cabinet has no supply

      What             Cabinet has no supply (critical)
      Where            Calea Națională; Strada Mare, cabinet CAB-01
      Map              47.74010, 26.66550  https://www.openstreetmap.org/?mlat=47.74010&mlon=26.66550#map=18/47.74010/26.66550
      Since            2026-11-24 19:30 (Europe/Bucharest)
      Cleared          2026-11-24 21:00 (Europe/Bucharest)
      Likely cause     main breaker, or the grid
      Bring            fuses; ask the grid operator
      Evidence         42 lamps not heard since 2026-11-24 19:30 (Europe/Bucharest)
      Lamps            42
      Acknowledged by  Maria Ionescu

      -- 
      Felinar, Botoșani, to Echipa Nord
      "
    `);
  });

  it('of a test', () => {
    const { subject, text } = renderEmail(message('ro', { kind: 'test', notices: [] }));
    expect(`${subject}\n\n${text}`).toMatchInlineSnapshot(`
      "[Felinar] Mesaj de probă: Botoșani

      Acesta este un mesaj de probă. Defectele din Botoșani pentru Echipa Nord vor veni pe această cale.

      -- 
      Felinar, Botoșani, către Echipa Nord
      "
    `);
  });
});

describe('whatever stands in the inventory', () => {
  const nasty = '<script>alert("1")</script>\r\nBcc: everybody@example.org\u2028& \'x\'';
  const fault = { ...LAMP, lamp: nasty, streets: [nasty], pole: nasty, cabinet: nasty, evidence: nasty, kind: nasty };
  const spoiled = message('en', {
    site: { address: 'BT', name: nasty, timeZone: 'UTC' },
    crew: { address: 'NORTH', name: nasty, language: 'en' },
    notices: [{ event: 'opened', atMs: 0, fault, acknowledgeUrl: 'https://felinar.example/"><script>' }],
  });

  it.each(['alert', 'digest', 'test'] as const)('adds no header, no line and no markup: %s', (kind) => {
    const { subject, text, html } = renderEmail({ ...spoiled, kind });
    expect(subject).not.toMatch(/[\r\n]/);
    expect(text).not.toMatch(/^Bcc/m);
    expect(html).not.toMatch(/<script|\r|alert\("/);
  });

  it('adds no markup to the pages', () => {
    const pages = [askingPage(spoiled), acknowledgedPage(spoiled), acknowledgedPage(spoiled, nasty)];
    for (const page of pages) expect(page).not.toMatch(/<script|alert\("/);
    expect(refusedLinkPage('ro', 'expired')).toContain('Acest link a expirat');
  });
});

it('every kind of fault has its words in both languages', () => {
  for (const kind of Object.keys(FAULTS)) {
    const [en, ro] = [faultWords(kind, 'en'), faultWords(kind, 'ro')];
    expect(ro.title).not.toBe(en.title);
    for (const text of [ro.title, ro.likelyCause, ro.bring]) expect(text).not.toBe('');
    // Comma below, not cedilla.
    expect(Object.values(ro).join()).not.toMatch(/[şţŞŢ]/);
  }
});

it('a webhook says the same for machines', () => {
  expect(webhookBody(message('en'))).toMatchInlineSnapshot(`
    {
      "alerts": [
        {
          "acknowledgeUrl": "https://felinar.example/api/v1/acknowledge/TOKEN",
          "bring": "a luminaire or driver of its type, a lift",
          "event": "opened",
          "fault": {
            "acknowledgedBy": null,
            "cabinet": "CAB-01",
            "circuit": "C2",
            "clearedAt": null,
            "device": "BT-0001",
            "evidence": "draws 0.4 W at 100 %, where 50.5 W are expected",
            "id": 17,
            "kind": "lampFailure",
            "lamp": "BT-0001",
            "lampCount": 1,
            "latitude": 47.7401,
            "longitude": 26.6655,
            "pole": "12",
            "severity": "major",
            "since": "2026-11-24T17:30:00.000Z",
            "streets": [
              "Strada Mare",
            ],
            "subjectKind": "lamp",
          },
          "likelyCause": "LED module or driver",
          "time": "2026-11-24T17:30:00.000Z",
          "title": "Lamp is dark",
        },
      ],
      "crew": {
        "address": "NORTH",
        "name": "Echipa Nord",
      },
      "delivery": "5b0c3a5e-0f0d-4f5c-8d0e-3a4c2b1d9e77",
      "kind": "alert",
      "site": {
        "address": "BT",
        "name": "Botoșani",
        "timeZone": "Europe/Bucharest",
      },
      "time": "2026-11-24T17:31:00.000Z",
      "v": 1,
    }
  `);
});

describe('the evidence of a fault', () => {
  const blanksOf = (sentence: string) => sentence.match(/\{\w+\}/g) ?? [];

  it('has every sentence in Romanian, with the same blanks', () => {
    for (const [name, english] of Object.entries(EVIDENCE)) {
      const romanian = ROMANIAN_EVIDENCE[name as keyof typeof EVIDENCE];
      expect(blanksOf(romanian).sort()).toEqual(blanksOf(english).sort());
      expect(romanian).not.toMatch(/[şţŞŢ]/);
      // Two sentences say the same in no language; figures alone are alike in both.
      if (!english.startsWith('{')) expect(romanian).not.toBe(english);
    }
  });

  it('is the same sentence in each, whatever stands in its blanks', () => {
    const value = fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.stringMatching(/^[A-Za-z0-9 ,:%-]{1,20}$/));
    const names = fc.constantFrom(...(Object.keys(EVIDENCE) as (keyof typeof EVIDENCE)[]));
    fc.assert(
      fc.property(names, fc.array(value, { minLength: 3, maxLength: 3 }), (name, values) => {
        const fill = (sentence: string) => {
          let next = 0;
          return sentence.replace(/\{\w+\}/g, () => String(values[next++]));
        };
        expect(evidenceIn('en', fill(EVIDENCE[name]), String)).toBe(fill(EVIDENCE[name]));
      }),
    );
  });

  it('has its figures and times as people of the language write them', () => {
    const at = (ms: number) => `<${ms}>`;
    expect(evidenceIn('ro', evidence('otherLevel', { level: '99.5', expected: '70' }), at)).toBe(
      'arată 99,5 % în loc de 70 %',
    );
    expect(evidenceIn('ro', evidence('notHeard', { since: '1970-01-01T00:00:01.000Z' }), at)).toBe(
      'fără semnal de la <1000>',
    );
    expect(evidenceIn('en', evidence('notHeard', { since: '1970-01-01T00:00:01.000Z' }), at)).toBe(
      'not heard since <1000>',
    );
    expect(evidenceIn('ro', 'somebody wrote this', at)).toBe('somebody wrote this');
  });
});
