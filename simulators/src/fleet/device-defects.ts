import type { ClockSetting } from './device-clock.js';

/** All that is wrong with a device at one instant; what is absent is sound. */
export interface DeviceDefects {
  readonly isUnpowered?: boolean;
  /** It still says that it, or its lamp, has lost the supply, with its last power. */
  readonly hasLastGasp?: boolean;
  readonly isOutOfContact?: boolean;
  /** It cannot be set right at a connect. */
  readonly clock?: ClockSetting;
  /** It has forgotten its program, takes no other, and says that it runs this one. */
  readonly strangeProgramHash?: string;
}

export const SOUND_DEVICE: DeviceDefects = {};

/** Several at once; of two of a kind the later one holds. */
export function togetherOnDevice(all: readonly DeviceDefects[]): DeviceDefects {
  return Object.assign({}, ...all) as DeviceDefects;
}
