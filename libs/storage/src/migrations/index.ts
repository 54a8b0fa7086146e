import { Inventory1764000000000 } from './1764000000000-inventory.js';
import { Telemetry1764000001000 } from './1764000001000-telemetry.js';
import { Energy1764000002000 } from './1764000002000-energy.js';
import { Control1764000003000 } from './1764000003000-control.js';
import { Faults1764000004000 } from './1764000004000-faults.js';
import { Alerts1764000005000 } from './1764000005000-alerts.js';
import { Dashboards1764000006000 } from './1764000006000-dashboards.js';
import { Tiers1764000007000 } from './1764000007000-tiers.js';
import { DeviceCredentials1764000008000 } from './1764000008000-device-credentials.js';
import { ReportedEvents1764000008500 } from './1764000008500-reported-events.js';
import { Identity1764000009000 } from './1764000009000-identity.js';
import { Audit1764000009500 } from './1764000009500-audit.js';
import { Confirmations1764000009700 } from './1764000009700-confirmations.js';
import { IngestPeers1764000012000 } from './1764000012000-ingest-peers.js';
import { Traces1764000013000 } from './1764000013000-traces.js';
import { DeviceClocks1764000014000 } from './1764000014000-device-clocks.js';
import { ProviderSignIn1764000016000 } from './1764000016000-provider-sign-in.js';
import { MadeAfter1764000017000 } from './1764000017000-made-after.js';

/** In order; a migration that has been released is never edited. */
export const MIGRATIONS = [
  Inventory1764000000000,
  Telemetry1764000001000,
  Energy1764000002000,
  Control1764000003000,
  Faults1764000004000,
  Alerts1764000005000,
  Dashboards1764000006000,
  Tiers1764000007000,
  DeviceCredentials1764000008000,
  ReportedEvents1764000008500,
  Identity1764000009000,
  Audit1764000009500,
  Confirmations1764000009700,
  IngestPeers1764000012000,
  Traces1764000013000,
  DeviceClocks1764000014000,
  ProviderSignIn1764000016000,
  MadeAfter1764000017000,
];
