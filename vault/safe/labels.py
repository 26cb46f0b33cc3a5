"""Which names of metadata tell what about a person.

Names are those of Exif 2.32, IPTC-IIM 4.2, XMP (ISO 16684-1) and PDF (ISO 32000-1, 14.3.3), without
their prefix and compared without case. What is not named here is OTHER and is shown all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACE, DEVICE, TIME, AUTHOR, HIDDEN, OTHER = CATEGORIES = (
    "place",
    "device",
    "time",
    "author",
    "hidden",
    "other",
)

# The first that fits counts: a place's time (GPSDateStamp) is a time.
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    TIME: re.compile(r"date|time|when|offset|subsec"),
    PLACE: re.compile(r"gps|latitude|longitude|altitude|city|country|state|location|sub.?location"),
    AUTHOR: re.compile(
        r"artist|author|by.?line|creator$|copyright|owner|credit|contact|rights|writer"
        r"|photographer|modifiedby|person|company|manager|email"
    ),
    DEVICE: re.compile(
        r"^make$|model|serial|software|lens|host|camera|maker|device|producer|creatortool|program"
        r"|unique|firmware|documentid|instanceid|scanner|phone|profile"
    ),
}
# Technical names in which one of the words above means nothing.
_PLAIN = re.compile(r"exposuretime|statement|timecode|gpsversionid|documentname|softwareagentv")


def category_of(name: str) -> str:
    """Return what something of this name tells."""
    folded = name.casefold()
    if _PLAIN.search(folded):
        return OTHER
    return next((one for one, pattern in _PATTERNS.items() if pattern.search(folded)), OTHER)
