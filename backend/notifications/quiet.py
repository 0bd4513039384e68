"""Quiet hours: nobody's phone rings at night, wherever they live."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def quiet_until(now: datetime, zone: ZoneInfo, begins: time, ends: time) -> datetime | None:
    """When the quiet hours that now is in end, in the zone's time; None outside of them.

    Hours that begin and end at the same time never are.
    """
    local = now.astimezone(zone)
    for day in (local.date() - timedelta(days=1), local.date()):
        start = datetime.combine(day, begins, zone)
        end = datetime.combine(day + timedelta(days=1) if ends <= begins else day, ends, zone)
        if begins != ends and start <= local < end:
            return end
    return None
