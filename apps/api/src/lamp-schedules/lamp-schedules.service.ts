import { Inject, Injectable } from '@nestjs/common';
import type { Place } from '#libs/astronomy';
import { addDays, type Clock } from '#libs/kernel';
import { CLOCK } from '#libs/platform';
import { levelAt, nightCurve } from '#libs/schedules';
import { LampRepository, LampScheduleRepository, LampTypeRepository } from '#libs/storage';
import { localIso, nightDateOf } from '../programs/night/local-time.js';
import { segmentViews } from '../programs/night/night-views.js';
import { hoursOf, programNight, rounded } from '../programs/night/program-night.js';
import { sunView } from '../programs/night/sun.js';
import { SitesService } from '../sites/sites.service.js';
import { justChanged, lampProgramOf, type LampPlan } from './lamp-program.js';
import type { ScheduleView, YearView } from './lamp-schedule.schema.js';
import { whyItDecides, whyItLoses } from './why.js';

@Injectable()
export class LampSchedulesService {
  constructor(
    private readonly sites: SitesService,
    private readonly lamps: LampRepository,
    private readonly lampTypes: LampTypeRepository,
    private readonly schedules: LampScheduleRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What a lamp is to do in a night, and why; without a date the night that now belongs to. */
  async night(siteAddress: string, lampAddress: string, date?: string): Promise<ScheduleView> {
    const plan = await this.plan(siteAddress, lampAddress);
    const nowMs = this.clock.nowMs();
    const wanted = date ?? nightDateOf(nowMs, plan.site.timeZone);
    return {
      ...frameOf(plan, nightMessage(plan, wanted)),
      date: wanted,
      sun: sunView(plan.site, wanted),
      otherAssignments: othersOf(plan),
      night: nightOf(plan, wanted),
      now: nowOf(plan, nowMs),
    };
  }

  async year(
    siteAddress: string,
    lampAddress: string,
    days: number,
    from?: string,
  ): Promise<{ readonly view: YearView; readonly place: Place }> {
    const plan = await this.plan(siteAddress, lampAddress);
    const first = from ?? nightDateOf(this.clock.nowMs(), plan.site.timeZone);
    const nights = Array.from({ length: days }, (_, day) => nightOfYear(plan, addDays(first, day))).filter(
      (night) => night !== undefined,
    );
    const burningHours = rounded(
      nights.reduce((sum, night) => sum + night.burningHours, 0),
      4,
    );
    const { decided } = plan;
    const message = decided === undefined ? whatToDo(plan) : `Calendar ${decided.calendar.address}, ${ownerOf(plan)}`;
    return { view: { ...frameOf(plan, message), from: first, days, burningHours, nights }, place: plan.site };
  }

  private async plan(siteAddress: string, lampAddress: string): Promise<LampPlan> {
    const site = await this.sites.find(siteAddress);
    const lamp = await this.lamps.get(site, lampAddress);
    const lampType = await this.lampTypes.get(lamp.lampType);
    const assignments = await this.schedules.assignments(lamp.id);
    const assignment = assignments.find(({ decides }) => decides);
    if (assignment === undefined) return { site, lamp, lampType, assignments, decided: undefined };
    const calendar = await this.schedules.calendar(site, assignment.calendar);
    if (calendar === null) throw justChanged(`calendar ${assignment.calendar}`);
    const programs = await this.schedules.programsOf(site, calendar);
    return { site, lamp, lampType, assignments, decided: { assignment, calendar, programs } };
  }
}

function frameOf(plan: LampPlan, message: string) {
  const { site, lamp, assignments, decided } = plan;
  const frame = { site: site.address, lamp: lamp.address, timeZone: site.timeZone, message };
  if (decided === undefined) return { ...frame, calendar: null, assignment: null };
  const { address, name, version } = decided.calendar;
  const { kind, priority } = decided.assignment;
  const losers = assignments.filter(({ decides }) => !decides);
  return {
    ...frame,
    calendar: { address, name, version },
    assignment: { kind, address: decided.assignment.address, priority, why: whyItDecides(decided.assignment, losers) },
  };
}

function othersOf({ assignments, decided }: LampPlan): ScheduleView['otherAssignments'] {
  if (decided === undefined) return [];
  return assignments
    .filter(({ decides }) => !decides)
    .map(({ decides: _, ...other }) => ({
      ...other,
      why: whyItLoses({ ...other, decides: false }, decided.assignment),
    }));
}

function nightOf(plan: LampPlan, date: string): ScheduleView['night'] {
  if (plan.decided === undefined) return null;
  const { program, effective, minimumLevel, rule, ruleWords } = lampProgramOf(plan, plan.decided, date);
  const { curve, points, burningHours, fullLevelHours } = programNight(effective, plan.site, date);
  return {
    rule: { index: rule, words: ruleWords },
    program: { address: program.address, name: program.name, version: program.version },
    minimumLevel: { ...minimumLevel },
    switchPoints: [...points],
    segments: segmentViews(curve),
    burningHours,
    fullLevelHours,
  };
}

function nowOf(plan: LampPlan, nowMs: number): ScheduleView['now'] {
  if (plan.decided === undefined) return null;
  const { timeZone } = plan.site;
  const date = nightDateOf(nowMs, timeZone);
  const { program, effective } = lampProgramOf(plan, plan.decided, date);
  const levelPercent = levelAt(nightCurve(effective, plan.site, date), nowMs) ?? 0;
  return {
    at: new Date(nowMs).toISOString(),
    local: localIso(nowMs, timeZone),
    program: program.address,
    levelPercent,
  };
}

function nightOfYear(plan: LampPlan, date: string): YearView['nights'][number] | undefined {
  if (plan.decided === undefined) return undefined;
  const { program, effective, rule } = lampProgramOf(plan, plan.decided, date);
  const curve = nightCurve(effective, plan.site, date);
  const segments = segmentViews(curve);
  const lit = segments.filter(({ levelPercent }) => levelPercent > 0);
  return {
    ...{ date, rule, program: program.address },
    onAt: lit[0]?.from ?? null,
    offAt: lit.at(-1)?.to ?? null,
    burningHours: hoursOf(curve).burningHours,
    segments,
  };
}

function nightMessage(plan: LampPlan, date: string): string {
  if (plan.decided === undefined) return whatToDo(plan);
  const { program } = lampProgramOf(plan, plan.decided, date);
  const { calendar } = plan.decided;
  return `Program ${program.address}, version ${program.version}, of calendar ${calendar.address}, ${ownerOf(plan)}`;
}

function ownerOf({ decided, site }: LampPlan): string {
  if (decided === undefined) return '';
  const { kind, address } = decided.assignment;
  return kind === 'lamp'
    ? 'which the lamp itself has'
    : `which ${kind} ${kind === 'site' ? site.address : address} has`;
}

function whatToDo({ site, lamp }: LampPlan): string {
  return (
    `Lamp ${lamp.address} has no calendar, and runs the default of its controller: assign one to it, its groups, its cabinet or ` +
    `the site with PUT /sites/${site.address}/assignments/site/${site.address}`
  );
}
