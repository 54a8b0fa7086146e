import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/kernel';
import type { TariffPrices } from '#libs/energy';
import {
  ControlProgramRepository,
  LampTypeRepository,
  TariffRepository,
  type LampType,
  type Site,
} from '#libs/storage';
import { effectiveMinimum } from '#libs/schedules';
import { SitesService } from '../sites/sites.service.js';
import { definitionOf } from './definition.schema.js';
import type { Caption } from './picture/preview-picture.js';
import { preview, type PreviewInput } from './preview.js';
import type { PreviewRequest, PreviewView } from './preview.schema.js';
import { ScheduleReviews } from './schedule-reviews.js';

const MAX_TARIFFS = 1000;

/** Nights of a program before anybody has to live with them. */
@Injectable()
export class PreviewService {
  constructor(
    private readonly sites: SitesService,
    private readonly programs: ControlProgramRepository,
    private readonly lampTypes: LampTypeRepository,
    private readonly tariffs: TariffRepository,
    private readonly reviews: ScheduleReviews,
  ) {}

  /** A review of a year takes its time: only where it is read. */
  async of(
    request: PreviewRequest,
    { reviewed }: { readonly reviewed: boolean },
  ): Promise<{ readonly view: PreviewView; readonly caption: Caption }> {
    const site = await this.site(request);
    const place = placeOf(request, site);
    const { definition, stored } = await this.program(request, site);
    const lampType = await this.lampType(request.lamps?.lampType);
    const minimumLevelPercent = effectiveMinimum(definition, { lampType }).levelPercent;
    const lamps = lampsOf(request, lampType);
    const tariffs = await this.tariffsOf(request, site);
    const { from, nights } = request;
    const input: PreviewInput = {
      program: { ...definition, minimumLevelPercent },
      place,
      from,
      nights,
      lamps,
      tariffs,
    };
    const view = {
      program: stored,
      site: site?.address ?? null,
      place,
      minimumLevelPercent,
      lamps: lamps === undefined ? null : lampsView(lamps, lampType),
      ...preview(input),
      warnings: (reviewed ? this.reviews.ofProgram(definition, place) : []).map((warning) => ({
        ...warning,
        dates: [...warning.dates],
      })),
    };
    const placeName = request.place === undefined && site !== undefined ? site.name : coordinates(place);
    return { view, caption: { title: stored?.name ?? 'Control program', place: placeName } };
  }

  private async site({ site }: PreviewRequest): Promise<Site | undefined> {
    if (site === undefined) return undefined;
    return orInvalid(this.sites.find(site), '/site', `there is no site ${site}: create it first, or give a place`);
  }

  private async program({ program, programAddress }: PreviewRequest, site: Site | undefined) {
    if (program !== undefined) return { definition: definitionOf(program), stored: null };
    const { address, name, version, definition } = await orInvalid(
      this.programs.get(site as Site, programAddress as string),
      '/programAddress',
      `there is no program ${programAddress} in site ${site?.address}: create it first, or give its definition as program`,
    );
    return { definition, stored: { address, name, version } };
  }

  private async lampType(code: string | undefined): Promise<LampType | undefined> {
    if (code === undefined) return undefined;
    const problem = `there is no lamp type ${code}: create it first, or give ratedPowerW`;
    return orInvalid(this.lampTypes.get(code), '/lamps/lampType', problem);
  }

  private async tariffsOf({ tariff }: PreviewRequest, site: Site | undefined): Promise<readonly TariffPrices[]> {
    if (tariff !== undefined) {
      const { currency, pricePerKwh } = tariff;
      return [{ validFrom: '0001-01-01', currency, basePricePerKwh: pricePerKwh, bands: [] }];
    }
    return site === undefined ? [] : this.tariffs.list(site, undefined, MAX_TARIFFS);
  }
}

/** What a body names and does not exist is wrong in the body; the path of the request is right. */
async function orInvalid<T>(work: Promise<T>, at: string, problem: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof DomainError) || error.kind !== 'notFound') throw error;
    throw new DomainError('invalid', 'The preview refers to something that does not exist: see errors', [
      { at, problem },
    ]);
  }
}

function placeOf({ place }: PreviewRequest, site: Site | undefined): PreviewView['place'] {
  const { latitude, longitude, timeZone } = place ?? (site as Site);
  return { latitude, longitude, timeZone };
}

function lampsOf({ lamps }: PreviewRequest, lampType: LampType | undefined): PreviewInput['lamps'] {
  if (lamps === undefined) return undefined;
  if (lampType === undefined) {
    const { ratedPowerW = 0, standbyPowerW = 0, count } = lamps;
    return { ratedPowerW, standbyPowerW, powerCurve: [], count };
  }
  const { ratedPowerW, standbyPowerW } = lampType;
  const powerCurve = lampType.powerCurve.map(([levelPercent, powerPercent]) => ({ levelPercent, powerPercent }));
  return { ratedPowerW, standbyPowerW, powerCurve, count: lamps.count };
}

function lampsView(
  { ratedPowerW, standbyPowerW, count }: NonNullable<PreviewInput['lamps']>,
  lampType: LampType | undefined,
): PreviewView['lamps'] {
  return { lampType: lampType?.code ?? null, ratedPowerW, standbyPowerW, count };
}

function coordinates({ latitude, longitude }: PreviewView['place']): string {
  const degrees = (value: number, positive: string, negative: string) =>
    `${Math.abs(value).toFixed(2)}° ${value < 0 ? negative : positive}`;
  return `${degrees(latitude, 'N', 'S')}, ${degrees(longitude, 'E', 'W')}`;
}
