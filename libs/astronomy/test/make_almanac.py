"""Writes almanac.json: sunset, sunrise, civil dusk and civil dawn of twelve places, to the minute, by another engine than suncalc.

PyEphem (VSOP87) with the almanacs' convention: standard horizon -0:50 for the sun's centre without refraction, civil twilight -6.
Run: pip install ephem && python3 libs/astronomy/test/make_almanac.py
"""
import json
import pathlib
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import ephem

PLACES = {
    "Botosani": (47.7486, 26.6694, "Europe/Bucharest"),
    "Messina": (38.1938, 15.5540, "Europe/Rome"),
    "Roquetas de Mar": (36.7642, -2.6148, "Europe/Madrid"),
    "Oulu": (65.0121, 25.4651, "Europe/Helsinki"),
    "Saint-Quentin": (49.8466, 3.2874, "Europe/Paris"),
    "Limerick": (52.6638, -8.6267, "Europe/Dublin"),
    "Ventspils": (57.3937, 21.5647, "Europe/Riga"),
    "Portalegre": (39.2967, -7.4285, "Europe/Lisbon"),
    "Tromso": (69.6492, 18.9553, "Europe/Oslo"),
    "Quito": (-0.1807, -78.4678, "America/Guayaquil"),
    "Auckland": (-36.8485, 174.7633, "Pacific/Auckland"),
    "Taveuni": (-16.8, 179.97, "Pacific/Fiji"),
}
DATES = ["2026-%02d-%02d" % (month, day) for month in range(1, 13) for day in (5, 21)]
DATES += ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25", "2026-06-20", "2026-06-22", "2028-02-29"]


def crossing(observer, start, end, horizon, rising):
    """First crossing between two instants, or None. No refraction: the convention has it in the horizon."""
    observer.pressure = 0
    observer.horizon = horizon
    observer.date = ephem.Date(start)
    try:
        find = observer.next_rising if rising else observer.next_setting
        at = find(ephem.Sun(), use_center=True).datetime().replace(tzinfo=timezone.utc)
    except (ephem.AlwaysUpError, ephem.NeverUpError):
        return None
    if at > end.replace(tzinfo=timezone.utc):
        return None
    return (at + timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%MZ")


def main():
    nights = []
    for name, (latitude, longitude, zone) in PLACES.items():
        for date in DATES:
            noon = datetime.fromisoformat(date + "T12:00").replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)
            observer = ephem.Observer()
            observer.lat, observer.lon, observer.elevation = str(latitude), str(longitude), 0
            observer.date = ephem.Date(noon.replace(tzinfo=None) - timedelta(hours=12))
            observer.pressure = 0
            start = observer.next_transit(ephem.Sun()).datetime()
            observer.date = ephem.Date(start + timedelta(hours=1))
            end = observer.next_transit(ephem.Sun()).datetime()
            night = {"place": name, "latitude": latitude, "longitude": longitude, "timeZone": zone, "date": date}
            for key, horizon, rising in (("sunset", "-0:50", False), ("civilDusk", "-6", False), ("civilDawn", "-6", True), ("sunrise", "-0:50", True)):
                night[key] = crossing(observer, start, end, horizon, rising)
            nights.append(night)
    target = pathlib.Path(__file__).with_name("almanac.json")
    target.write_text("[\n" + ",\n".join("  " + json.dumps(night) for night in nights) + "\n]\n")
    print(f"wrote {len(nights)} nights to {target.name}")


main()
