import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';

const COLUMNS = 24;

/**
 * Lays panels out as Grafana does when nothing is above them: each as high as it fits, then as far left. (The SDK's own layout puts
 * panels beyond the right edge beside one that is higher than its neighbours.) Annotations are of the dashboard's time, so panels that
 * show another one go without: the sun of last night would be a line or two at the end of thirty days.
 */
export function laidOut(dashboard: Dashboard): Dashboard {
  const depths = Array.from({ length: COLUMNS }, () => 0);
  const panels = (dashboard.panels ?? []).map((panel, index) => ({ ...placed(panel, depths), id: index + 1 }));
  const ofOtherTimes = panels.flatMap((panel) =>
    'timeFrom' in panel && panel.timeFrom !== undefined ? [panel.id] : [],
  );
  const list = (dashboard.annotations?.list ?? []).map((annotation) => ({
    ...annotation,
    ...(ofOtherTimes.length === 0 ? {} : { filter: { exclude: true, ids: ofOtherTimes } }),
  }));
  return {
    ...dashboard,
    panels,
    ...(dashboard.annotations === undefined ? {} : { annotations: { ...dashboard.annotations, list } }),
  };
}

function placed(panel: Panel | RowPanel, depths: number[]): Panel | RowPanel {
  const { w, h } = panel.gridPos ?? { w: COLUMNS, h: 8 };
  let best = { x: 0, y: Number.POSITIVE_INFINITY };
  for (let x = 0; x + w <= COLUMNS; x += 1) {
    const y = Math.max(...depths.slice(x, x + w));
    if (y < best.y) best = { x, y };
  }
  depths.fill(best.y + h, best.x, best.x + w);
  return { ...panel, gridPos: { ...best, w, h } };
}
