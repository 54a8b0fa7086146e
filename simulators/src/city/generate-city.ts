import { createRandom, type Random } from '../random.js';
import type { City, SimulatedCabinet, SimulatedLamp, SimulatedSite } from './city.js';
import { districts } from './districts.js';
import { LAMP_TYPES, STREET_LIGHTING } from './lamp-types.js';
import { streetPlan, type Point, type Street } from './street-plan.js';

export interface CityOptions {
  readonly seed: number;
  readonly lamps: number;
  /** 12 for 500 lamps; otherwise one for every 42. */
  readonly cabinets?: number;
  /** Share of the cabinets whose lamps a gateway speaks for; the other lamps have connections of their own. */
  readonly gatewayShare?: number;
  readonly site?: SimulatedSite;
}

export const BOTOSANI: SimulatedSite = {
  address: 'botosani',
  name: 'Botoșani',
  timeZone: 'Europe/Bucharest',
  latitude: 47.7486,
  longitude: 26.6694,
};

const LAMPS_PER_GATEWAY = 100;
const METRES_PER_DEGREE = 111_320;

interface Stand extends Point {
  readonly street: Street;
  readonly pole: number;
}

/** A city with exactly this many lamps; the same options give the same city. */
export function generateCity(options: CityOptions): City {
  const { seed, lamps: lampCount, site = BOTOSANI, gatewayShare = 0.7 } = options;
  const cabinetCount = options.cabinets ?? (lampCount === 500 ? 12 : Math.max(1, Math.ceil(lampCount / 42)));
  if (!Number.isInteger(lampCount) || lampCount < 1) throw new RangeError(`a city of ${lampCount} lamps cannot be`);
  if (cabinetCount < 1 || cabinetCount > lampCount)
    throw new RangeError(`${cabinetCount} cabinets do not fit ${lampCount} lamps`);
  const random = createRandom(seed);
  const stands = standsOf(lampCount, random);
  const { centres, memberOf } = districts(stands, cabinetCount, random.fork('districts'));
  const cabinets = centres.map((centre, index) => cabinetOf(centre, index, stands, memberOf, site));
  return {
    seed,
    site,
    lampTypes: LAMP_TYPES,
    cabinets,
    lamps: lampsOf(stands, cabinets, memberOf, { random, site, gatewayShare }),
  };
}

/** Where lamps stand: the town grows until it holds enough, then its outermost streets stay dark. */
function standsOf(count: number, random: Random): Stand[] {
  for (let radiusM = 120 + 9 * Math.sqrt(count); ; radiusM *= 1.15) {
    const stands = streetPlan(radiusM, random.fork('plan')).flatMap(standsAlong);
    if (stands.length >= count) return stands.slice(0, count);
  }
}

function standsAlong(street: Street): Stand[] {
  const { spacingM, offAxisM } = STREET_LIGHTING[street.class];
  const stands: Stand[] = [];
  let toNextM = spacingM / 2;
  street.path.slice(1).forEach((end, index) => {
    const start = street.path[index] as Point;
    const lengthM = Math.hypot(end.x - start.x, end.y - start.y);
    const [ux, uy] = [(end.x - start.x) / lengthM, (end.y - start.y) / lengthM];
    for (; toNextM <= lengthM; toNextM += spacingM) {
      const side = stands.length % 2 === 0 ? offAxisM : -offAxisM;
      stands.push({
        x: start.x + ux * toNextM - uy * side,
        y: start.y + uy * toNextM + ux * side,
        street,
        pole: stands.length + 1,
      });
    }
    toNextM -= lengthM;
  });
  return stands;
}

function cabinetOf(
  centre: Point,
  index: number,
  stands: readonly Stand[],
  memberOf: readonly number[],
  site: SimulatedSite,
): SimulatedCabinet {
  const first = stands.find((_stand, stand) => memberOf[stand] === index);
  return {
    address: `CAB-${String(index + 1).padStart(3, '0')}`,
    name: `PA ${index + 1} ${first?.street.name ?? ''}`.trim(),
    ...positionOf(centre, site),
  };
}

function lampsOf(
  stands: readonly Stand[],
  cabinets: readonly SimulatedCabinet[],
  memberOf: readonly number[],
  { random, site, gatewayShare }: { random: Random; site: SimulatedSite; gatewayShare: number },
): SimulatedLamp[] {
  const prefix = prefixOf(site);
  const width = Math.max(4, String(stands.length).length);
  const gateways = gatewaysOf(cabinets.length, stands.length, memberOf, gatewayShare, random.fork('gateways'));
  const ages = random.fork('ages');
  const controllers = random.fork('controllers');
  const circuits = new Map<string, string>();
  return stands.map((stand, index) => {
    const lighting = STREET_LIGHTING[stand.street.class];
    const cabinet = cabinets[memberOf[index] ?? 0] as SimulatedCabinet;
    const address = `${prefix}-${String(index + 1).padStart(width, '0')}`;
    const device = gateways[index] ?? address;
    const initialOperatingHours = ages.between(2000, 24_000);
    const ratedPowerW = LAMP_TYPES.find(({ code }) => code === lighting.lampType)?.ratedPowerW ?? 0;
    return {
      address,
      device,
      lampType: lighting.lampType,
      cabinet: cabinet.address,
      circuit: circuitOf(circuits, cabinet.address, stand.street.name),
      phase: (['L1', 'L2', 'L3'] as const)[index % 3] ?? 'L1',
      ...positionOf(stand, site),
      street: stand.street.name,
      pole: String(stand.pole),
      roadClass: lighting.roadClass,
      mountingHeightM: lighting.mountingHeightM,
      groups: [lighting.group],
      initialEnergyWh: Math.round(initialOperatingHours * ratedPowerW * 0.7),
      initialOperatingHours: Math.round(initialOperatingHours * 100) / 100,
      // Some eleven hours a night.
      initialSwitchOnCount: Math.round(initialOperatingHours / 11),
      omits: omitted(device === address ? controllers.next() : 1),
    };
  });
}

/** The gateway of each stand, by cabinet; undefined for lamps with connections of their own. */
function gatewaysOf(
  cabinets: number,
  stands: number,
  memberOf: readonly number[],
  share: number,
  random: Random,
): (string | undefined)[] {
  const hasGateway = Array.from({ length: cabinets }, (_, cabinet) => ({ cabinet, rank: random.next() }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, Math.round(share * cabinets))
    .map(({ cabinet }) => cabinet);
  const served = new Map(hasGateway.map((cabinet) => [cabinet, { name: '', lamps: LAMPS_PER_GATEWAY }]));
  let gateways = 0;
  return Array.from({ length: stands }, (_, stand) => {
    const gateway = served.get(memberOf[stand] ?? 0);
    if (gateway === undefined) return undefined;
    if (gateway.lamps === LAMPS_PER_GATEWAY) {
      gateways += 1;
      gateway.name = `GW-${String(gateways).padStart(3, '0')}`;
      gateway.lamps = 0;
    }
    gateway.lamps += 1;
    return gateway.name;
  });
}

/** A circuit per street, four to a cabinet at the most. */
function circuitOf(circuits: Map<string, string>, cabinet: string, street: string): string {
  const key = `${cabinet}/${street}`;
  const known = circuits.get(key);
  if (known !== undefined) return known;
  const before = [...circuits.keys()].filter((each) => each.startsWith(`${cabinet}/`)).length;
  const circuit = `C${(before % 4) + 1}`;
  circuits.set(key, circuit);
  return circuit;
}

/** One single-lamp controller in seven is a poorer one; the register it always sends. */
function omitted(draw: number): readonly string[] {
  if (draw < 0.05) return ['temperatureC', 'powerFactor', 'supplyCurrentA'];
  if (draw < 0.1) return ['operatingHours', 'switchOnCount'];
  return draw < 0.14 ? ['temperatureC'] : [];
}

function positionOf({ x, y }: Point, site: SimulatedSite): { latitude: number; longitude: number } {
  const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6;
  return {
    latitude: round(site.latitude + y / METRES_PER_DEGREE),
    longitude: round(site.longitude + x / (METRES_PER_DEGREE * Math.cos((site.latitude * Math.PI) / 180))),
  };
}

function prefixOf(site: SimulatedSite): string {
  return site.address === BOTOSANI.address
    ? 'BT'
    : site.address
        .replace(/[^A-Za-z]/g, '')
        .slice(0, 2)
        .toUpperCase() || 'L';
}
