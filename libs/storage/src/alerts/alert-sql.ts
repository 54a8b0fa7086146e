import { DELIVERY_TRANSITIONS, SEVERITIES, type DeliveryEvent } from '#libs/alerts';

/** SQL for an instant given as ms since the epoch. */
export function instant(placeholder: string): string {
  return `to_timestamp(${placeholder}::float8 / 1000.0)`;
}

/** SQL for a column's instant as ms since the epoch; null stays null. */
export function ms(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000)::float8`;
}

/** The states in which an event counts, for an IN (…). Literals, so that the partial indexes are used. */
export function statesBefore(event: DeliveryEvent): string {
  return DELIVERY_TRANSITIONS[event].from.map((state) => `'${state}'`).join(', ');
}

/** `state = '…'` of what an event leads to. */
export function setState(event: DeliveryEvent): string {
  return `state = '${DELIVERY_TRANSITIONS[event].to}'`;
}

/** A number that grows with the severity in a column. */
export function severityRank(column: string): string {
  return `array_position(ARRAY[${SEVERITIES.map((severity) => `'${severity}'`).join(', ')}], ${column})`;
}

/** The lamps in service that a fault is about; for a LATERAL join. Faults of the whole site have none here: they lie everywhere. */
export function lampsOf(fault: string): string {
  const branch = (kind: string, where: string) =>
    `SELECT id, cabinet_id, street, latitude, longitude FROM lamp
     WHERE ${fault}.subject_kind = '${kind}' AND lamp.site_id = ${fault}.site_id AND removed_at IS NULL AND ${where}`;
  return [
    branch('lamp', `lamp.id = ${fault}.lamp_id`),
    branch('device', `lamp.device = ${fault}.device`),
    branch('circuit', `lamp.cabinet_id = ${fault}.cabinet_id AND lamp.circuit = ${fault}.circuit`),
    branch('cabinet', `lamp.cabinet_id = ${fault}.cabinet_id`),
  ].join(' UNION ALL ');
}
