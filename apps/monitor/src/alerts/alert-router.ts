import { routeAlert } from '#libs/alerts';
import type { Clock } from '#libs/kernel';
import {
  inTransaction,
  readAlertChannels,
  takeUnroutedAlerts,
  writeRoutes,
  type Pool,
  type UnroutedAlert,
} from '#libs/storage';
import type { AlertMetrics } from './alert-metrics.js';

const AT_ONCE = 200;

export type RoutedAlert = Pick<UnroutedAlert, 'id' | 'siteId' | 'faultId' | 'event' | 'messageId'> & {
  /** Channels that it goes to. */
  readonly channels: number;
};

/**
 * Decides to whom alerts go. Taking them, the deliveries that follow and the note that it is decided are one transaction: a crash
 * leaves all of it undone, and two processes never decide on the same alert.
 */
export class AlertRouter {
  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly metrics: AlertMetrics,
    private readonly onRouted: (alert: RoutedAlert) => void = () => undefined,
  ) {}

  /** True when there may be more. */
  async round(): Promise<boolean> {
    const taken = await inTransaction(this.pool, async (client) => {
      const alerts = await takeUnroutedAlerts(client, AT_ONCE);
      if (alerts.length === 0) return [];
      const channels = await readAlertChannels(client, [...new Set(alerts.map(({ siteId }) => siteId))]);
      const nowMs = this.clock.nowMs();
      const routed = alerts.map((alert) => ({
        alert,
        routes: routeAlert(alert, channels.get(alert.siteId) ?? [], nowMs, alert.timeZone),
      }));
      await writeRoutes(client, routed, nowMs);
      return routed;
    });
    for (const { alert, routes } of taken) {
      this.metrics.routed.inc({ to: routes.length === 0 ? 'nobody' : 'somebody' });
      this.onRouted({ ...alert, channels: routes.length });
    }
    return taken.length === AT_ONCE;
  }
}
