import type { EvidenceName, FaultKind } from '#libs/faults';
import type { FaultWords, Words } from './words.js';

/** `3 defecte`, `20 de defecte`: from 20 on Romanian puts `de` between, by the last two digits. */
function defects(count: number): string {
  if (count === 1) return 'un defect';
  const rest = count % 100;
  return rest === 0 || rest >= 20 ? `${count} de defecte` : `${count} defecte`;
}

export const ROMANIAN: Words = {
  severity: { critical: 'critic', major: 'major', minor: 'minor', warning: 'avertisment' },
  event: { opened: '', reopened: 'A reapărut', cleared: 'Remediat', escalated: 'Nepreluat de nimeni' },
  what: 'Ce',
  lamp: 'Lampa',
  device: 'Dispozitiv',
  cabinet: 'Punct de aprindere',
  circuit: 'Circuit',
  where: 'Unde',
  pole: 'stâlpul',
  position: 'Harta',
  since: 'De la',
  clearedAt: 'Remediat la',
  likelyCause: 'Cauza probabilă',
  bring: 'De luat',
  evidence: 'Constatare',
  lamps: 'Lămpi',
  acknowledgedBy: 'Preluat de',
  acknowledge: 'Preia defectul',
  wholeSite: 'toată localitatea',
  digest: defects,
  test: 'Mesaj de probă',
  testBody: (site, crew) =>
    `Acesta este un mesaj de probă. Defectele din ${site} pentru ${crew} vor veni pe această cale.`,
  footer: (site, crew) => `Felinar, ${site}, către ${crew}`,
  page: {
    title: 'Preluarea defectului',
    question: 'Apăsați butonul pentru a confirma că vă ocupați de defect.',
    button: 'Preiau defectul',
    done: 'Defectul a fost preluat. Mulțumim.',
    already: (by) => `Defectul a fost deja preluat de ${by}.`,
    used: 'Acest link a fost folosit. Funcționează o singură dată.',
    expired: 'Acest link a expirat. Preluați defectul în Felinar.',
    unknown: 'Acest link nu este valabil: deschideți-l întreg din mesaj.',
  },
};

const words = (title: string, likelyCause: string, bring: string): FaultWords => ({ title, likelyCause, bring });

/** libs/faults in Romanian: a new kind does not compile until it stands here. */
export const ROMANIAN_FAULTS: Readonly<Record<FaultKind, FaultWords>> = {
  lampFailure: words(
    'Lampa este stinsă',
    'modulul LED sau driverul',
    'un corp de iluminat sau un driver de același tip, nacela',
  ),
  lampPowerTooHigh: words(
    'Lampa consumă prea mult',
    'driverul, sau tipul lămpii din inventar este greșit',
    'un wattmetru, un driver',
  ),
  lampPowerTooLow: words(
    'Lampa consumă prea puțin',
    'o parte din LED-uri sunt stinse, sau driverul limitează puterea',
    'un modul LED, un driver',
  ),
  lampUnexpectedOn: words(
    'Lampa arde ziua',
    'controlerul și-a pierdut programul',
    'un laptop cu aplicația controlerului',
  ),
  dimmingFailure: words('Lampa nu urmează nivelul cerut', 'linia de dimming sau driverul', 'un driver, un tester DALI'),
  relayFailure: words('Releu blocat: lampa nu poate fi stinsă', 'contact sudat în controler', 'un controler'),
  cyclingFailure: words(
    'Lampa se aprinde și se stinge',
    'lampă la capătul vieții, sau un contact slăbit',
    'un corp de iluminat de același tip',
  ),
  supplyVoltageTooHigh: words(
    'Tensiunea de alimentare este prea mare',
    'nul întrerupt, sau priza transformatorului',
    'un voltmetru; anunțați operatorul de rețea',
  ),
  supplyVoltageTooLow: words(
    'Tensiunea de alimentare este prea mică',
    'legătură slabă, suprasarcină, sau priza transformatorului',
    'un voltmetru; anunțați operatorul de rețea',
  ),
  currentTooHigh: words('Curentul lămpii este prea mare', 'driverul', 'un driver'),
  currentTooLow: words('Curentul lămpii este prea mic', 'modulul LED sau driverul', 'un modul LED, un driver'),
  powerFactorTooLow: words('Factorul de putere este prea mic', 'condensatorul driverului', 'un driver'),
  highTemperature: words(
    'Aparatajul este prea fierbinte',
    'răcire astupată, sau driverul',
    'unelte de curățat, un driver',
  ),
  controlGearCommFailure: words(
    'Controlerul nu comunică cu driverul',
    'linia DALI sau driverul',
    'un tester DALI, un driver',
  ),
  supplyLoss: words(
    'Lampa a rămas fără alimentare',
    'siguranța din stâlp, sau cablul',
    'siguranțe, un tester de cabluri',
  ),
  leakageDetected: words(
    'Scurgere de curent la pământ: pericol',
    'cablul, sau apă în stâlp',
    'un tester de izolație; țineți oamenii la distanță',
  ),
  communicationFailure: words(
    'Dispozitivul nu comunică',
    'legătura radio, cartela SIM, sau alimentarea lui',
    'un controler, un laptop',
  ),
  programMismatch: words(
    'Dispozitivul nu rulează programul său',
    'memoria sau firmware-ul dispozitivului',
    'un laptop cu aplicația controlerului',
  ),
  clockDrift: words(
    'Ceasul dispozitivului este greșit',
    'nu primește ora din rețea, sau bateria este descărcată',
    'un controler',
  ),
  circuitOutage: words(
    'Circuitul este fără alimentare',
    'întrerupătorul sau cablul circuitului',
    'siguranțe, un localizator de cabluri',
  ),
  cabinetOutage: words(
    'Punctul de aprindere este fără alimentare',
    'întrerupătorul general, sau rețeaua',
    'siguranțe; întrebați operatorul de rețea',
  ),
  platformOutage: words(
    'Cea mai mare parte a orașului nu comunică',
    'brokerul, rețeaua, sau chiar Felinar',
    'nimic: sunați administratorul',
  ),
  lampVoltageTooHigh: words('Tensiunea de ieșire a driverului este prea mare', 'modulul LED sau driverul', 'un driver'),
  lampVoltageTooLow: words(
    'Tensiunea de ieșire a driverului este prea mică',
    'LED-uri în scurtcircuit, sau driverul',
    'un modul LED, un driver',
  ),
  switchingErrorOn: words('Controlerul nu a putut aprinde lampa', 'releul din controler', 'un controler'),
  switchingErrorOff: words('Controlerul nu a putut stinge lampa', 'releul din controler', 'un controler'),
  contactorError: words('Contactorul nu răspunde', 'contactorul sau bobina lui', 'un contactor'),
  circuitBreakerTripped: words(
    'Întrerupătorul circuitului a declanșat',
    'scurtcircuit sau suprasarcină pe circuit',
    'un tester de izolație, siguranțe',
  ),
  cabinetDoorOpen: words('Ușa punctului de aprindere este deschisă', 'echipă la lucru, sau o spargere', 'un lacăt'),
  invalidCalendar: words(
    'Dispozitivul refuză calendarul său',
    'firmware-ul sau memoria lui',
    'un laptop cu aplicația controlerului',
  ),
  invalidProgram: words(
    'Dispozitivul refuză programul său',
    'firmware-ul sau memoria lui',
    'un laptop cu aplicația controlerului',
  ),
  deviceMalfunction: words('Dispozitivul raportează că este defect', 'dispozitivul însuși', 'un controler'),
  batteryShutdown: words(
    'Bateria dispozitivului este descărcată',
    'bateria, sau o lipsă lungă de alimentare',
    'o baterie',
  ),
};

/** The sentences of libs/faults/src/evidence.ts, with the same blanks. */
export const ROMANIAN_EVIDENCE: Readonly<Record<EvidenceName, string>> = {
  powerFarBelow: 'consumă {powerW} W la {level} %, deși sunt de așteptat {expectedW} W',
  noLight: 'nu luminează la {level} %',
  heldByOverride: 'arde deși ar trebui să fie stinsă: controlerul ține o comandă manuală rămasă activă',
  heldByDefault:
    'arde deși ar trebui să fie stinsă: controlerul și-a pierdut programul și îl rulează pe cel din fabrică',
  heldBySensor: 'arde deși ar trebui să fie stinsă: o ține aprinsă fotocelula proprie',
  heldByProgram: 'arde deși ar trebui să fie stinsă: controlerul rulează alt program, sau are ceasul greșit',
  heldUnsaid: 'arde deși ar trebui să fie stinsă: controlerul nu spune de ce; poate are fotocelulă proprie',
  drawsThoughOff: 'consumă {powerW} W, deși controlerul a stins-o',
  litThoughOff: 'este aprinsă, deși controlerul a stins-o',
  otherLevel: 'arată {level} % în loc de {expected} %',
  cycles: 'aprinderi necerute într-o oră: {count}',
  powerUnlikeLamp: 'consumă {powerW} W la {level} %; la această lampă sunt obișnuiți {expectedW} W',
  powerUnlikeType: 'consumă {powerW} W la {level} %; la tipul ei sunt obișnuiți {expectedW} W',
  currentAbove: 'absoarbe {currentA} A, cu {percent} % mai mult decât corespunde puterii',
  currentBelow: 'absoarbe {currentA} A, cu {percent} % mai puțin decât corespunde puterii',
  powerFactorBelow: 'factor de putere {factor}, sub {limit}',
  voltageAbove: '{voltageV} V, peste {limit} V',
  voltageBelow: '{voltageV} V, sub {limit} V',
  temperatureAbove: '{temperatureC} °C, peste {limit} °C',
  reported: 'raportat de controler',
  reportedSaying: 'raportat de controler: {info}',
  otherProgram: 'rulează alt program de la {since}; a fost trimis din nou, fără rezultat',
  clockAhead: 'ceasul este înainte cu {minutes} min',
  clockBehind: 'ceasul este în urmă cu {minutes} min',
  manyOfCabinet: 'raportat de {count} din {of} lămpi ale punctului de aprindere',
  notHeard: 'fără semnal de la {since}',
  lampsNotHeard: 'lămpi fără semnal de la {since}: {count}',
  cityNotHeard: 'cea mai mare parte a orașului nu comunică: verificați brokerul, rețeaua și procesul ingest al Felinar',
};
