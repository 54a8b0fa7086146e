/**
 * The life of a delivery, as data: one thing to be told through one channel. Storage turns these lists into the conditions of its
 * statements, so that what is not in the table cannot happen, whatever comes late or twice.
 */
export const DELIVERY_STATES = [
  /** Collected until the next digest of its channel. */
  'waiting',
  /** Part of a digest, which has a delivery of its own. */
  'collected',
  /** To be sent when its time comes. */
  'pending',
  /** The receiver has taken it. */
  'delivered',
  /** Refused for good, or tried for too long. */
  'dead',
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export type DeliveryEvent = 'collected' | 'accepted' | 'delayed' | 'givenUp' | 'retried';

/** `from` lists the states in which the event counts; in any other it changes nothing. */
export const DELIVERY_TRANSITIONS: Readonly<
  Record<DeliveryEvent, { readonly from: readonly DeliveryState[]; readonly to: DeliveryState }>
> = {
  collected: { from: ['waiting'], to: 'collected' },
  accepted: { from: ['pending'], to: 'delivered' },
  delayed: { from: ['pending'], to: 'pending' },
  givenUp: { from: ['pending'], to: 'dead' },
  // Somebody has mended what stood in the way.
  retried: { from: ['dead'], to: 'pending' },
};

/** The state after an event. Never throws: what does not count leaves the state as it is. */
export function deliveryAfter(state: DeliveryState, event: DeliveryEvent): DeliveryState {
  const { from, to } = DELIVERY_TRANSITIONS[event];
  return from.includes(state) ? to : state;
}
