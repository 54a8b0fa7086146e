/**
 * What a dimmed LED driver draws. With x = level/100 and t = seconds since it was switched on,
 *
 *   P(x, t) = standby + (rated - standby) * g(x) * w(t)    [W]
 *   g(x) = a + b*x + c*x^2,  a + b + c = 1                 [1]
 *   w(t) = 1 + A * exp(-t / tau)                           [1]
 *
 * g is the usual fit to drivers' data sheets: `a` is the loss that does not go away when it dims, so that less of what
 * it draws becomes light at a low level; `c` is the droop of the LEDs towards full current. It rises throughout.
 * w: a cold LED has the higher forward voltage, and draws some percent more until it is warm.
 */
import { type LuminaireSpec } from './model.js';

const A = 0.04;
const B = 0.86;
const C = 0.1;

/** The share, over the settled power, that a cold luminaire draws. */
const WARMUP_SHARE = 0.04;
/** s. */
const WARMUP_TAU_S = 300;
/** exp(-40) is below a double's last digit of the 1 it is added to. */
const SETTLED_AFTER_S = 40 * WARMUP_TAU_S;
/** Below this h/tau the closed form subtracts nearly equal numbers; its power series does not. */
const SERIES_BELOW = 0.2;

/** g at a level, percent. */
export function driverCurve(levelPercent: number): number {
  const x = levelPercent / 100;
  return A + x * (B + x * C);
}

/** w, `litS` seconds after it was switched on. */
export function warmup(litS: number): number {
  return litS > SETTLED_AFTER_S ? 1 : 1 + WARMUP_SHARE * Math.exp(-litS / WARMUP_TAU_S);
}

/** P of a lit luminaire, W. */
export function litPowerW(spec: LuminaireSpec, levelPercent: number, litS: number): number {
  const span = spec.ratedPowerW - spec.standbyPowerW;
  return litScale(spec) * (spec.standbyPowerW + span * driverCurve(levelPercent) * warmup(litS));
}

/**
 * The integral of P over `durationS` seconds in which the level goes in a straight line from one to the other, begun
 * `litS` seconds after switching on, J. Exact: along a line g is a polynomial of s,
 *
 *   g(s) = q0 + q1*s + q2*s^2,
 *   integral of g*w = sum of qn * ( h^(n+1)/(n+1) + A*exp(-litS/tau) * Mn ),  Mn = integral of s^n*exp(-s/tau) over 0..h
 */
export function litEnergyJ(
  spec: LuminaireSpec,
  fromLevelPercent: number,
  toLevelPercent: number,
  litS: number,
  durationS: number,
): number {
  const h = durationS;
  if (h <= 0) return 0;
  const span = spec.ratedPowerW - spec.standbyPowerW;
  const cold = litS > SETTLED_AFTER_S ? 0 : WARMUP_SHARE * Math.exp(-litS / WARMUP_TAU_S);
  const x = fromLevelPercent / 100;
  const q0 = A + x * (B + x * C);
  if (fromLevelPercent === toLevelPercent) {
    const warming = cold === 0 ? 0 : -cold * WARMUP_TAU_S * Math.expm1(-h / WARMUP_TAU_S);
    return litScale(spec) * (spec.standbyPowerW * h + span * q0 * (h + warming));
  }
  const slope = (toLevelPercent - fromLevelPercent) / 100 / h;
  const q1 = slope * (B + 2 * C * x);
  const q2 = slope * slope * C;
  const settled = h * (q0 + h * (q1 / 2 + (h * q2) / 3));
  const warming = cold === 0 ? 0 : cold * decayingMoments(q0, q1, q2, h);
  return litScale(spec) * (spec.standbyPowerW * h + span * (settled + warming));
}

/** A broken driver draws more, or less, than P. */
function litScale({ litPowerScale = 1 }: LuminaireSpec): number {
  return litPowerScale;
}

/** q0*M0 + q1*M1 + q2*M2 over h seconds. */
function decayingMoments(q0: number, q1: number, q2: number, h: number): number {
  const tau = WARMUP_TAU_S;
  const z = h / tau;
  const [r0, r1, r2] = [q0 * h, q1 * h * h, q2 * h * h * h];
  if (z < SERIES_BELOW) {
    // Mn = h^(n+1) * sum over k of (-z)^k / (k! * (n+1+k))
    let sum = 0;
    let term = 1;
    for (let k = 0; k < 11; k++) {
      sum += term * (r0 / (k + 1) + r1 / (k + 2) + r2 / (k + 3));
      term *= -z / (k + 1);
    }
    return sum;
  }
  const decay = Math.exp(-z);
  const m0 = -Math.expm1(-z) / z;
  const m1 = (m0 - decay) / z;
  const m2 = (2 * m1 - decay) / z;
  return r0 * m0 + r1 * m1 + r2 * m2;
}
