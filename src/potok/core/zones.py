"""Time zones by name, from the `tzdata` package and never from the machine, so that results are the same everywhere."""

from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from potok.core.errors import PotokError
from potok.core.language import gettext as _

_EXAMPLES: Final = ("Europe/Kaliningrad", "Europe/Moscow", "Asia/Yakutsk")


@cache
def zone_names() -> frozenset[str]:
    """Return the names that the tz database knows."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def open_zone(name: str, *, error: type[PotokError], where: str) -> ZoneInfo:
    """Open a zone.

    Parameters
    ----------
    error, where
        What to raise if there is no such zone, and the place that named it; the nearest names are suggested.
    """
    # Only listed names are opened, so that a name cannot be a path.
    if name not in zone_names():
        raise error(
            _("There is no time zone called “{name}”.").format(name=name),
            where=where,
            remedy=_("Give the name that the tz database uses, for example {examples}.").format(
                examples=", ".join(_nearest(name))
            ),
        )
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as stream:
        return ZoneInfo.from_file(stream, key=name)


def _nearest(name: str) -> list[str]:
    cities = {zone.rpartition("/")[2].lower(): zone for zone in sorted(zone_names())}
    near = get_close_matches(name.rpartition("/")[2].lower(), cities, n=3, cutoff=0.6)
    return [cities[city] for city in near] or list(_EXAMPLES)
