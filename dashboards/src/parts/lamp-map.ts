import {
  FrameGeometrySourceBuilder,
  FrameGeometrySourceMode,
  MapLayerOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as GeomapPanel, MapCenterID, MapViewConfigBuilder } from '@grafana/grafana-foundation-sdk/geomap';
import { CHOSEN, table, TIMESCALE } from './query.js';
import { dataLink, STATUS_COLORS, thresholds, wordColors, type PanelText } from './panels.js';
import { UIDS } from './frame.js';

/** Markers that a browser draws without effort. Fewer lamps are shown one by one. */
const MOST_MARKERS = 2000;
/** Cells along the longer side of the map when there are more. */
const CELLS = 48;

/**
 * Lamps on a map. Grafana's map has no layer that clusters and does not tell queries what it shows, so the query clusters: a city is laid
 * out in cells as wide as they are high, and a choice of cabinets or groups with few lamps shows each of them. What is wrong is drawn last,
 * above the rest. The map has no legend for words, so the description names the colours.
 */
export function lampMap(text: PanelText) {
  return new GeomapPanel()
    .title(text.title)
    .description(text.description)
    .unit(text.unit)
    .span(text.width)
    .height(text.height)
    .datasource(TIMESCALE)
    .withTarget(table(MAP_SQL))
    .thresholds(thresholds([[null, 'green']]))
    .overrideByName('status', [{ id: 'mappings', value: [wordColors(STATUS_COLORS)] }])
    .dataLinks([
      dataLink('Lamp', UIDS.lamp, { lamp: '${__data.fields.lamp}' }, ['site']),
      dataLink('This cabinet only', UIDS.city, { cabinet: '${__data.fields.cabinet}' }),
    ])
    .view(new MapViewConfigBuilder().id(MapCenterID.Fit).allLayers(true).padding(10).maxZoom(17))
    .basemap(new MapLayerOptionsBuilder().type('default').name('Base map').config({}))
    .layers([
      new MapLayerOptionsBuilder()
        .type('markers')
        .name('Lamps')
        .tooltip(true)
        .location(
          new FrameGeometrySourceBuilder()
            .mode(FrameGeometrySourceMode.Coords)
            .latitude('latitude')
            .longitude('longitude'),
        )
        .config({
          showLegend: true,
          style: {
            color: { field: 'status', fixed: 'dark-green' },
            size: { field: 'lamps', fixed: 5, min: 5, max: 14 },
            opacity: 0.8,
            symbol: { mode: 'fixed', fixed: 'img/icons/marker/circle.svg' },
          },
        }),
    ]);
}

const MAP_SQL = `
  WITH chosen AS (
    SELECT lamp, cabinet, latitude, longitude, status FROM dashboard.lamp_now WHERE ${CHOSEN}
  ), extent AS (
    SELECT count(*) <= ${MOST_MARKERS} AS is_small, min(latitude) AS south, min(longitude) AS west,
      greatest(max(latitude) - min(latitude), (max(longitude) - min(longitude)) * cos(radians(avg(latitude))), 1e-6) / ${CELLS} AS cell_deg,
      greatest(cos(radians(avg(latitude))), 0.01) AS shrink
    FROM chosen
  )
  SELECT avg(latitude) AS latitude, avg(longitude) AS longitude,
    CASE WHEN bool_or(status = 'fault') THEN 'fault' WHEN bool_or(status = 'silent') THEN 'silent'
      ELSE mode() WITHIN GROUP (ORDER BY status) END AS status,
    count(*) AS lamps, count(*) FILTER (WHERE status IN ('lit', 'dimmed')) AS lit, count(*) FILTER (WHERE status = 'off') AS off,
    count(*) FILTER (WHERE status = 'fault') AS faulty, count(*) FILTER (WHERE status = 'silent') AS silent,
    CASE WHEN count(*) = 1 THEN min(lamp) END AS lamp, mode() WITHIN GROUP (ORDER BY cabinet) AS cabinet
  FROM chosen, extent
  GROUP BY CASE WHEN is_small THEN lamp END, floor((latitude - south) / cell_deg), floor((longitude - west) * shrink / cell_deg)
  ORDER BY bool_or(status = 'fault'), bool_or(status = 'silent')`;
