import type { Severity } from '#libs/faults';

const SEVERITY: Readonly<Record<Severity, number>> = { critical: 400, major: 300, minor: 200, warning: 100 };
const MAX_LAMPS = 60;
const MAX_ROAD = 30;

/**
 * What comes first on a crew's list: the severity, then the number of lamps, then the road. EN 13201 classes: M1 and C0 are the busiest
 * roads, P classes are for people on foot. Higher first.
 */
export function priorityOf(severity: Severity, lamps: number, roadClass: string | null = null): number {
  return (
    SEVERITY[severity] + Math.min(MAX_LAMPS, Math.round(10 * Math.log2(Math.max(1, lamps)))) + roadWeight(roadClass)
  );
}

function roadWeight(roadClass: string | null): number {
  const match = /^([MCP])([0-7])$/.exec(roadClass ?? '');
  if (match === null) return 0;
  const weight = { M: 30, C: 28, P: 12 }[match[1] as 'M' | 'C' | 'P'] - 4 * Number(match[2]);
  return Math.max(0, Math.min(MAX_ROAD, weight));
}
