/**
 * Who is not heard, and what that means. A lamp that is not heard may have lost its link, its supply, or its way to us; which of them it is
 * shows in who else is not heard. All of it is decided from what is known now: nothing is remembered here.
 */

/** What is known of when a lamp was heard, and through what. */
export interface HeardLamp {
  readonly lampId: number;
  readonly device: string;
  readonly cabinetId: number | null;
  readonly circuit: string | null;
  /** When its newest reading was received; undefined when it has never been heard. */
  readonly heardAtMs: number | undefined;
  /** Its device has said goodbye, or the broker for it; since when. */
  readonly offlineSinceMs: number | undefined;
  readonly reportingIntervalS: number;
  /** Its supply is taken away by day, and it is day: silence is healthy. */
  readonly mayBeSilent: boolean;
}

export interface SilenceRules {
  /** So many intervals without a reading are silence. */
  readonly overdueIntervals: number;
  /** A device that is offline may come back within this, ms. */
  readonly offlineGraceMs: number;
  /** Lamps of a circuit or cabinet that have to be silent for it to be its outage: share, and at least so many. */
  readonly outageShare: number;
  readonly outageLamps: number;
  /** Share of a city, of at least so many lamps, whose silence is the platform's. */
  readonly platformShare: number;
  readonly platformLamps: number;
}

export const SILENCE_RULES: SilenceRules = {
  overdueIntervals: 3,
  offlineGraceMs: 60_000,
  outageShare: 0.8,
  outageLamps: 3,
  platformShare: 0.6,
  platformLamps: 50,
};

/** Something that is silent as a whole. */
export interface Silence {
  readonly kind: 'platformOutage' | 'cabinetOutage' | 'circuitOutage' | 'communicationFailure';
  readonly subject:
    | { readonly kind: 'site' }
    | { readonly kind: 'cabinet'; readonly cabinetId: number }
    | { readonly kind: 'circuit'; readonly cabinetId: number; readonly circuit: string }
    | { readonly kind: 'device'; readonly device: string }
    | { readonly kind: 'lamp'; readonly lampId: number };
  readonly lamps: readonly HeardLamp[];
}

/** Whether a lamp is not heard that should be. One that has never been heard is not commissioned yet: nobody misses it. */
export function isSilent(lamp: HeardLamp, nowMs: number, rules: SilenceRules): boolean {
  if (lamp.heardAtMs === undefined || lamp.mayBeSilent) return false;
  if (lamp.offlineSinceMs !== undefined && nowMs - lamp.offlineSinceMs >= rules.offlineGraceMs) return true;
  return nowMs - lamp.heardAtMs > rules.overdueIntervals * lamp.reportingIntervalS * 1000;
}

/**
 * The silences of a site, the widest first: most of the city, a whole cabinet, a whole circuit, a device, a lamp behind a device that is
 * heard. Each silent lamp belongs to one. A cabinet whose lamps all hang on one silent gateway is that gateway's silence: nobody can tell
 * whether its lamps are lit, unless it has said with its last breath that it lost its supply (`lostSupply`).
 */
export function silencesOf(
  lamps: readonly HeardLamp[],
  nowMs: number,
  lostSupply: ReadonlySet<string> = new Set(),
  rules: SilenceRules = SILENCE_RULES,
): Silence[] {
  const watched = lamps.filter(({ heardAtMs, mayBeSilent }) => heardAtMs !== undefined && !mayBeSilent);
  const silent = watched.filter((lamp) => isSilent(lamp, nowMs, rules));
  if (watched.length >= rules.platformLamps && silent.length >= rules.platformShare * watched.length) {
    return [{ kind: 'platformOutage', subject: { kind: 'site' }, lamps: silent }];
  }
  const deaf = silentDevices(watched, silent);
  // Of a gateway that is not heard nobody knows more than that, unless it said that it lost its supply.
  const isGatewaySilence = ({ device }: HeardLamp) => deaf.has(device) && !lostSupply.has(device);
  const outages = groupOutages(
    watched,
    silent,
    ({ cabinetId }) => (cabinetId === null ? undefined : `${cabinetId}`),
    'cabinetOutage',
    isGatewaySilence,
    rules,
  );
  const inCabinets = lampsOf(outages);
  const rest = silent.filter(({ lampId }) => !inCabinets.has(lampId));
  const circuits = groupOutages(
    watched.filter(({ lampId }) => !inCabinets.has(lampId)),
    rest,
    ({ cabinetId, circuit }) => (cabinetId === null || circuit === null ? undefined : `${cabinetId}/${circuit}`),
    'circuitOutage',
    isGatewaySilence,
    rules,
  );
  const inCircuits = lampsOf(circuits);
  return [
    ...outages,
    ...circuits,
    ...singles(
      watched,
      rest.filter(({ lampId }) => !inCircuits.has(lampId)),
    ),
  ];
}

/** The devices and lamps whose silence is part of a wider one: they stay visible. None for what is not wider. */
export function membersOf(silence: Silence, lamps: readonly HeardLamp[]): Silence[] {
  if (silence.kind === 'communicationFailure') return [];
  return singles(
    lamps.filter(({ heardAtMs, mayBeSilent }) => heardAtMs !== undefined && !mayBeSilent),
    silence.lamps,
  );
}

function groupOutages(
  watched: readonly HeardLamp[],
  silent: readonly HeardLamp[],
  keyOf: (lamp: HeardLamp) => string | undefined,
  kind: 'cabinetOutage' | 'circuitOutage',
  isGatewaySilence: (lamp: HeardLamp) => boolean,
  rules: SilenceRules,
): Silence[] {
  const all = Map.groupBy(watched, keyOf);
  return [...Map.groupBy(silent, keyOf)].flatMap(([key, own]): Silence[] => {
    const [first] = own;
    const total = all.get(key)?.length ?? 0;
    if (key === undefined || first === undefined || first.cabinetId === null) return [];
    if (own.length < rules.outageLamps || own.length < rules.outageShare * total) return [];
    const devices = new Set(own.map(({ device }) => device));
    if (devices.size === 1 && isGatewaySilence(first)) return [];
    const { cabinetId, circuit } = first;
    const subject =
      kind === 'cabinetOutage'
        ? ({ kind: 'cabinet', cabinetId } as const)
        : ({ kind: 'circuit', cabinetId, circuit: circuit ?? '' } as const);
    return [{ kind, subject, lamps: own }];
  });
}

/** Devices that speak for more than one lamp, all of which are silent: then it is the device that is not heard. */
function silentDevices(watched: readonly HeardLamp[], silent: readonly HeardLamp[]): ReadonlySet<string> {
  const all = Map.groupBy(watched, ({ device }) => device);
  const gone = [...Map.groupBy(silent, ({ device }) => device)].filter(
    ([device, own]) => own.length > 1 && own.length === all.get(device)?.length,
  );
  return new Set(gone.map(([device]) => device));
}

function singles(watched: readonly HeardLamp[], silent: readonly HeardLamp[]): Silence[] {
  const all = Map.groupBy(watched, ({ device }) => device);
  return [...Map.groupBy(silent, ({ device }) => device)].flatMap(([device, own]): Silence[] => {
    const kind = 'communicationFailure' as const;
    if (own.length === all.get(device)?.length) return [{ kind, subject: { kind: 'device', device }, lamps: own }];
    return own.map((lamp) => ({ kind, subject: { kind: 'lamp', lampId: lamp.lampId }, lamps: [lamp] }));
  });
}

function lampsOf(silences: readonly Silence[]): ReadonlySet<number> {
  return new Set(silences.flatMap(({ lamps }) => lamps.map(({ lampId }) => lampId)));
}
