"""What a picture betrays. Runs in the reading child only."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator

from PIL import ImageCms, ImageFile

from vault.safe import hidden, kinds
from vault.safe.findings import Fact, Findings, fact, table
from vault.safe.job import Job
from vault.safe.labels import DEVICE, HIDDEN, OTHER
from vault.safe.pictures import count, fit, opened, orientation

_PACKETS = "xmp", "XML:com.adobe.xmp"
# Segments of a JPEG that are told by what they say, or say nothing.
_KNOWN_SEGMENTS = (
    b"JFIF\0",
    b"JFXX\0",
    b"Exif\0",
    b"http://ns.adobe.com/xap/1.0/\0",
    b"ICC_PROFILE\0",
    b"Photoshop 3.0\0",
    b"Adobe\0",
    b"MPF\0",
)
_SMALL_PICTURES = {1033, 1036}  # resources of Photoshop
_GLANCE = 64  # pixels that are enough to see whether it can be decoded
_LYING = range(5, 9)  # orientations that exchange the sides
# What stands in a picture's information beside what somebody wrote.
_TEXTS = {*_PACKETS, "comment", "exif", "icc_profile", "transparency", "gamma", "srgb", "dpi"}
_TEXTS |= {"interlace", "chromaticity", "background", "default_image", "loop", "aspect"}


def inspect(data: bytes, kind: str, job: Job) -> Findings:
    """Return what a picture betrays; also of one that is damaged, too large, or never shown."""
    try:
        return _looked(data, kind, job)
    except Exception:  # noqa: BLE001 -- whatever a library says: what can be found is told all the same
        return Findings(kind, 1, 0, 0, shown=False, scripts=False, facts=_everywhere(data))


def _looked(data: bytes, kind: str, job: Job) -> Findings:
    with opened(data, kind) as picture:
        pages = count(picture, kind, job)
        picture.seek(0)
        width, height = picture.size
        fit(picture, job, _GLANCE)
        if orientation(picture) in _LYING:
            width, height = height, width
        picture.load()  # says whether it can be shown; and some things stand behind the pixels
        facts = table([*_facts(picture, kind), *_everywhere(data)])
    return Findings(kind, pages, width, height, shown=True, scripts=False, facts=facts)


def _facts(picture: ImageFile.ImageFile, kind: str) -> Iterator[Fact]:
    info = picture.info
    yield from _tried(lambda: hidden.exif_facts(picture.getexif()))
    for packet in (info[key] for key in _PACKETS if key in info):
        yield from hidden.xmp_facts(packet if isinstance(packet, bytes) else packet.encode())
    if kind in {kinds.JPEG, kinds.TIFF}:
        yield from _tried(lambda: hidden.iptc_facts(picture))
    if kind == kinds.PNG:
        yield from (hidden.named(str(name), info[name]) for name in info if name not in _TEXTS)
    yield from _beside(picture, kind)


def _beside(picture: ImageFile.ImageFile, kind: str) -> Iterator[Fact]:
    """Yield the comment, the name of the colour profile, and how many pictures lie behind."""
    info = picture.info
    if "comment" in info:
        yield hidden.comment(info["comment"])
    if "icc_profile" in info:
        yield from _tried(lambda: [fact(DEVICE, "Profile", _profile(info["icc_profile"]))])
    for marker, body in getattr(picture, "applist", ()):
        if not body.startswith(_KNOWN_SEGMENTS):
            yield fact(HIDDEN, marker, f"{len(body)} bytes")
    if _SMALL_PICTURES & info.get("photoshop", {}).keys():
        yield fact(HIDDEN, "Thumbnail", "Photoshop")
    if kind != kinds.TIFF and getattr(picture, "is_animated", False):
        yield fact(HIDDEN, "Pictures", "> 1")  # the copy holds the first


def _profile(profile: bytes) -> str:
    return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))


def _tried(look: Callable[[], Iterable[Fact]]) -> list[Fact]:
    try:
        return list(look())
    except Exception:  # noqa: BLE001 -- whatever a library says of a broken block
        return [fact(OTHER, "Metadata", "?")]


def _everywhere(data: bytes) -> tuple[Fact, ...]:
    return table(list(hidden.scattered(data)))
