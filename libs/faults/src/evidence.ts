/**
 * What is said of a fault beside its name: the figures behind it. Every sentence is defined once, here; faults keep it in English, and from
 * there it is put into the languages of the crews (libs/alerts/src/words/evidence.ts).
 */
export const EVIDENCE = {
  powerFarBelow: 'draws {powerW} W at {level} %, where {expectedW} W are expected',
  noLight: 'shows no light at {level} %',
  heldByOverride: 'burns while it should be off: its controller holds an override that was left on',
  heldByDefault: 'burns while it should be off: its controller has lost its program and runs its own default',
  heldBySensor: 'burns while it should be off: its own photocell holds it on',
  heldByProgram: 'burns while it should be off: its controller runs another program, or its clock is wrong',
  heldUnsaid: 'burns while it should be off: its controller does not say why; it may have its own photocell',
  drawsThoughOff: 'draws {powerW} W while its controller has switched it off',
  litThoughOff: 'is lit while its controller has switched it off',
  otherLevel: 'shows {level} % instead of {expected} %',
  cycles: 'went on {count} times within an hour without being asked',
  powerUnlikeLamp: 'draws {powerW} W at {level} %, where {expectedW} W are usual for this lamp',
  powerUnlikeType: 'draws {powerW} W at {level} %, where {expectedW} W are usual for its type',
  currentAbove: 'draws {currentA} A, {percent} % more than its power makes',
  currentBelow: 'draws {currentA} A, {percent} % less than its power makes',
  powerFactorBelow: 'power factor {factor}, below {limit}',
  voltageAbove: '{voltageV} V, above {limit} V',
  voltageBelow: '{voltageV} V, below {limit} V',
  temperatureAbove: '{temperatureC} °C, above {limit} °C',
  reported: 'its controller reports it',
  reportedSaying: 'its controller reports it: {info}',
  otherProgram: 'runs another program since {since}, sent again in vain',
  clockAhead: 'its clock is {minutes} min ahead',
  clockBehind: 'its clock is {minutes} min behind',
  manyOfCabinet: '{count} of {of} lamps of the cabinet report it',
  notHeard: 'not heard since {since}',
  lampsNotHeard: '{count} lamps not heard since {since}',
  cityNotHeard: 'most of the city is not heard: look at the broker, the network and Felinar’s ingest',
} as const;

export type EvidenceName = keyof typeof EVIDENCE;

/** The names in braces of a sentence. */
type Blanks<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Blanks<Rest> : never;

/** A sentence with its blanks filled in; figures as they are, so round them before. */
export function evidence<Name extends EvidenceName>(
  name: Name,
  ...[values]: Blanks<(typeof EVIDENCE)[Name]> extends never
    ? []
    : [Readonly<Record<Blanks<(typeof EVIDENCE)[Name]>, string | number>>]
): string {
  return filled(EVIDENCE[name], (values ?? {}) as Readonly<Record<string, string | number>>);
}

/** `{count} lamps` -> `3 lamps`. */
export function filled(sentence: string, values: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (_blank, name: string) => String(values[name]));
}
