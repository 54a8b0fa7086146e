import type { ControlProgram } from './control-program.js';

/** What may want a lamp not to be dimmed further. */
export type MinimumSource = 'program' | 'lampType' | 'roadClass';

export interface EffectiveMinimum {
  readonly levelPercent: number;
  /** Which of them decides: the one that wants the most; of equal ones the first. */
  readonly from: MinimumSource;
  readonly words: string;
}

interface LampLimits {
  readonly lampType?:
    { readonly code: string; readonly dimmable: boolean; readonly minLevelPercent: number } | undefined;
  /** Lighting class of the road. */
  readonly roadClass?: string | null | undefined;
  readonly minimumLevelPercentByRoadClass?: Readonly<Record<string, number>> | undefined;
}

/** The lowest level above 0 that a program gives a lamp: what its program, its type and its road want, the highest of them. */
export function effectiveMinimum(
  { minimumLevelPercent }: Pick<ControlProgram, 'minimumLevelPercent'>,
  { lampType, roadClass, minimumLevelPercentByRoadClass = {} }: LampLimits,
): EffectiveMinimum {
  const wanted: EffectiveMinimum[] = [
    { levelPercent: minimumLevelPercent, from: 'program', words: `The program goes down to ${minimumLevelPercent} %` },
  ];
  if (lampType !== undefined) {
    const { code, dimmable, minLevelPercent } = lampType;
    wanted.push(
      dimmable
        ? {
            levelPercent: minLevelPercent,
            from: 'lampType',
            words: `Lamp type ${code} holds ${minLevelPercent} % at the lowest`,
          }
        : { levelPercent: 100, from: 'lampType', words: `Lamp type ${code} cannot be dimmed` },
    );
  }
  const ofRoad =
    roadClass != null && Object.hasOwn(minimumLevelPercentByRoadClass, roadClass)
      ? minimumLevelPercentByRoadClass[roadClass]
      : undefined;
  if (ofRoad !== undefined) {
    wanted.push({
      levelPercent: ofRoad,
      from: 'roadClass',
      words: `Roads of lighting class ${roadClass} keep ${ofRoad} %, as the site says`,
    });
  }
  return wanted.reduce((most, each) => (each.levelPercent > most.levelPercent ? each : most));
}
