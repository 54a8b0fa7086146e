import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The newest reading of a lamp. Written by ingest only; old readings are not values: look at `time`. */
@Entity('lamp_state')
export class LampState {
  @PrimaryColumn('integer', { name: 'lamp_id' })
  lampId!: number;

  /** When it was measured. */
  @Column('timestamptz')
  time!: Date;

  @Column('timestamptz', { name: 'received_at' })
  receivedAt!: Date;

  @Column('real', { name: 'light_level_percent', nullable: true })
  lightLevelPercent!: number | null;

  @Column('real', { name: 'active_power_w', nullable: true })
  activePowerW!: number | null;

  @Column('real', { name: 'supply_voltage_v', nullable: true })
  supplyVoltageV!: number | null;

  @Column('real', { name: 'supply_current_a', nullable: true })
  supplyCurrentA!: number | null;

  @Column('real', { name: 'power_factor', nullable: true })
  powerFactor!: number | null;

  @Column('double precision', { name: 'active_energy_wh', nullable: true })
  activeEnergyWh!: number | null;

  @Column('double precision', { name: 'operating_hours', nullable: true })
  operatingHours!: number | null;

  /** Below 2^32. */
  @Column('double precision', { name: 'switch_on_count', nullable: true })
  switchOnCount!: number | null;

  @Column('real', { name: 'temperature_c', nullable: true })
  temperatureC!: number | null;

  /** What the controller aims at. */
  @Column('real', { name: 'level_in_effect_percent', nullable: true })
  levelInEffectPercent!: number | null;

  /** Why: default, calendar, override or sensor. */
  @Column('text', { name: 'level_reason', nullable: true })
  levelReason!: string | null;

  @Column('text', { array: true, nullable: true })
  events!: string[] | null;
}
