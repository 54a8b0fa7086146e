import { routeAlert } from '#libs/alerts';
import type { Clock } from '#libs/kernel';
import { inTransaction, readAlertChannels, takeUnroutedAlerts, writeRoutes, type Pool } from '#libs/storage';
import type { AlertMetrics } from './alert-metrics.js';

const AT_ONCE = 200;

/**
 * Decides to whom alerts go. Taking them, the deliveries that follow and the note that it is decided are one transaction: a crash
 * leaves all of it undone, and two processes never decide on the same alert.
 */
export class AlertRouter {
  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly metrics: AlertMetrics,
  ) {}

  /** True when there may be more. */
  async round(): Promise<boolean> {
    const counts = await inTransaction(this.pool, async (client) => {
      const alerts = await takeUnroutedAlerts(client, AT_ONCE);
      if (alerts.length === 0) return [];
      const channels = await readAlertChannels(client, [...new Set(alerts.map(({ siteId }) => siteId))]);
      const nowMs = this.clock.nowMs();
      const routed = alerts.map((alert) => ({
        alert,
        routes: routeAlert(alert, channels.get(alert.siteId) ?? [], nowMs, alert.timeZone),
      }));
      await writeRoutes(client, routed, nowMs);
      return routed.map(({ routes }) => routes.length);
    });
    for (const count of counts) this.metrics.routed.inc({ to: count === 0 ? 'nobody' : 'somebody' });
    return counts.length === AT_ONCE;
  }
}
