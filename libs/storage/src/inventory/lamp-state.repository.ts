import type { DataSource } from 'typeorm';
import type { Site } from '../entities/index.js';
import { lampConditions, type LampFilter } from './lamp-filter.js';
import { SqlParameters } from './sql-parameters.js';

/** What devices report every so often when they do not say. */
export const DEFAULT_REPORTING_INTERVAL_S = 900;
/** A reading that is older than so many intervals of its device is not a value any more. */
export const STALE_AFTER_INTERVALS = 3;

/** The newest reading of a lamp; `time` is null when it has never reported. */
export interface LampStateRow {
  readonly lamp: string;
  readonly device: string;
  readonly deviceOnline: boolean | null;
  readonly staleAfterS: number;
  readonly time: Date | null;
  readonly receivedAt: Date | null;
  readonly lightLevelPercent: number | null;
  readonly activePowerW: number | null;
  readonly supplyVoltageV: number | null;
  readonly supplyCurrentA: number | null;
  readonly powerFactor: number | null;
  readonly activeEnergyWh: number | null;
  readonly operatingHours: number | null;
  readonly switchOnCount: number | null;
  readonly temperatureC: number | null;
  readonly events: readonly string[] | null;
}

const STALE_AFTER_S = `${STALE_AFTER_INTERVALS} * coalesce(nullif(greatest(d.reporting_interval_s, 0), 0), ${DEFAULT_REPORTING_INTERVAL_S})::double precision`;

/** The newest readings of the lamps of a site. */
export class LampStateRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** In the order of the lamps' addresses. `stale` is judged at `now`; a lamp that never reported is stale. */
  list(
    site: Site,
    filter: LampFilter & { readonly lamp?: string; readonly stale?: boolean | undefined },
    now: Date,
    after: string | undefined,
    take: number,
  ): Promise<LampStateRow[]> {
    const parameters = new SqlParameters();
    const conditions = [`l.site_id = ${parameters.add(site.id)}`, 'l.removed_at IS NULL'];
    conditions.push(...lampConditions(filter, parameters));
    if (filter.lamp !== undefined) conditions.push(`l.address = ${parameters.add(filter.lamp)}`);
    if (after !== undefined) conditions.push(`l.address > ${parameters.add(after)}`);
    if (filter.stale !== undefined) {
      const current = `s.time IS NOT NULL AND s.time >= ${parameters.add(now)}::timestamptz - make_interval(secs => ${STALE_AFTER_S})`;
      conditions.push(filter.stale ? `NOT (${current})` : `(${current})`);
    }
    return this.dataSource.query(
      `SELECT l.address AS lamp, l.device, d.online AS "deviceOnline", ${STALE_AFTER_S} AS "staleAfterS",
              s.time, s.received_at AS "receivedAt", s.light_level_percent AS "lightLevelPercent",
              s.active_power_w AS "activePowerW", s.supply_voltage_v AS "supplyVoltageV",
              s.supply_current_a AS "supplyCurrentA", s.power_factor AS "powerFactor",
              s.active_energy_wh AS "activeEnergyWh", s.operating_hours AS "operatingHours",
              s.switch_on_count::double precision AS "switchOnCount", s.temperature_c AS "temperatureC", s.events
         FROM lamp l
         JOIN lamp_type t ON t.id = l.lamp_type_id
         LEFT JOIN cabinet c ON c.id = l.cabinet_id
         LEFT JOIN lamp_state s ON s.lamp_id = l.id
         LEFT JOIN device d ON d.site_id = l.site_id AND d.address = l.device
        WHERE ${conditions.join(' AND ')} ORDER BY l.address LIMIT ${parameters.add(take)}`,
      parameters.values,
    );
  }
}
