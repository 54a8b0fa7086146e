export * from './channel.js';
export * from './delivery-state.js';
export * from './hours.js';
export * from './judge-answer.js';
export * from './link-token.js';
export * from './message/acknowledge-page.js';
export * from './message/email.js';
export * from './message/html.js';
export * from './message/notice.js';
export * from './message/webhook-body.js';
export * from './public-address.js';
export * from './retry.js';
export * from './route-alert.js';
export {
  REPLAY_WINDOW_MS,
  signWebhook,
  verifySignature,
  type SignatureProblem,
  type SignedRequest,
} from './signature.js';
