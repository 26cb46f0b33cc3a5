"""Pictures, read with Pillow: only its decoders for the formats named here are ever loaded.

Runs in the reading child only. Nothing but the first frame of a moving picture is shown; a TIFF of
several pages is a paper.
"""

from __future__ import annotations

import contextlib
import importlib
import io
from collections.abc import Iterator, Mapping

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from vault.safe import kinds
from vault.safe.job import (
    NO_PAGE,
    PAPER,
    PICTURE,
    TOO_LARGE,
    UNKNOWN,
    Job,
    Page,
    Refusal,
)

_FORMATS: Mapping[str, str] = {
    kinds.JPEG: JpegImagePlugin.JpegImageFile.format,
    kinds.PNG: PngImagePlugin.PngImageFile.format,
    kinds.GIF: GifImagePlugin.GifImageFile.format,
    kinds.BMP: BmpImagePlugin.BmpImageFile.format,
    kinds.TIFF: TiffImagePlugin.TiffImageFile.format,
    kinds.WEBP: WebPImagePlugin.WebPImageFile.format,
    kinds.AVIF: AvifImagePlugin.AvifImageFile.format,
}
# Exif 2.32, Orientation: how the picture was turned when it was taken.
_UPRIGHT: Mapping[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_TURNED: Mapping[int, Image.Transpose] = {
    90: Image.Transpose.ROTATE_270,  # Pillow turns against the clock
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112
_STRIP = 1 << 20  # bytes that are handed over at once

# A thread for each processor is what the library asks for, and what the cage refuses.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
# Our own limit is compared before a pixel is decoded; this one knows nothing of smaller decoding.
Image.MAX_IMAGE_PIXELS = None
Image.preinit()  # it loads a few formats more, which `formats=` keeps from being tried
# What Pillow loads in the middle of work, when nothing can be loaded any more.
for _name in "ImageColor ImageFilter ImagePalette MpoImagePlugin TiffImagePlugin".split():
    importlib.import_module(f"PIL.{_name}")
importlib.import_module("copy")
_SRGB = ImageCms.createProfile("sRGB")


def pages(data: bytes, kind: str, job: Job) -> tuple[int, int, Iterator[Page]]:
    """Return what it becomes (PICTURE or PAPER), how many pages, and their pixels."""
    picture = opened(data, kind)
    every = range(count(picture, kind, job))
    if job.verb == "show":
        if job.page not in every:
            raise Refusal(NO_PAGE)
        return PICTURE, 1, iter([_page(picture, job.page, job)])
    status = PAPER if len(every) > 1 else PICTURE
    return status, len(every), (_page(picture, number, job) for number in every)


def opened(data: bytes, kind: str) -> ImageFile.ImageFile:
    """Return a picture, not yet decoded; of a kind that is never shown, a refusal."""
    if kind not in _FORMATS:
        raise Refusal(UNKNOWN)
    picture = Image.open(io.BytesIO(data), formats=(_FORMATS[kind],))
    assert isinstance(picture, ImageFile.ImageFile)
    return picture


def count(picture: ImageFile.ImageFile, kind: str, job: Job) -> int:
    """Return how many pages a TIFF has; everything else is one."""
    if kind != kinds.TIFF:
        return 1
    for number in range(1, job.pages + 1):
        try:
            picture.seek(number)
        except EOFError:
            return number
    raise Refusal(TOO_LARGE)


def _page(picture: ImageFile.ImageFile, number: int, job: Job) -> Page:
    if picture.tell() != number:
        picture.seek(number)
    wanted = job.size if job.verb == "show" else 0
    fit(picture, job, wanted)
    picture.load()
    turn = _UPRIGHT.get(orientation(picture))
    made = _coloured(picture, wanted)
    for how in (turn, _TURNED.get(job.turn)):
        if how is not None:
            made = made.transpose(how)
    return Page(made.width, made.height, _rows(made))


def fit(picture: ImageFile.ImageFile, job: Job, wanted: int = 0) -> None:
    """Decode a JPEG at a half, quarter or eighth where that is enough or all that is allowed."""
    width, height = picture.size
    if isinstance(picture, JpegImagePlugin.JpegImageFile):
        for scale in (1, 2, 4, 8):
            smaller = max(width, height) // scale
            if width * height // scale**2 <= job.pixels and smaller < 2 * (wanted or smaller):
                break
        if scale > 1:
            picture.draft(None, (width // scale, height // scale))
    if not 1 <= picture.width * picture.height <= job.pixels:
        raise Refusal(TOO_LARGE)


def orientation(picture: ImageFile.ImageFile) -> int:
    """Return how it has to be turned; a broken note about that spoils no picture."""
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 -- whatever the library says of wild offsets
        return 1


def _coloured(picture: Image.Image, wanted: int) -> Image.Image:
    """Return it in plain sRGB on white, its longer side at most `wanted` if that is not 0."""
    made: Image.Image = picture
    profile = picture.info.get("icc_profile")
    if made.mode.startswith("I;16"):
        made = made.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif made.mode in {"LA", "PA", "RGBA", "La", "RGBa"} or "transparency" in picture.info:
        made = made.convert("RGBA")
    elif made.mode not in {"L", "RGB", "CMYK"}:
        made = made.convert("RGB")
    if wanted:
        if made is picture:
            made = made.copy()
        made.thumbnail((wanted, wanted), reducing_gap=2.0)
    if made.mode == "RGBA":
        white = Image.new("RGB", made.size, "white")
        white.paste(made, mask=made.getchannel("A"))
        made = white
    return _standard(made, profile)


def _standard(picture: Image.Image, profile: object) -> Image.Image:
    """Return it with the colours that its profile means; a bruise must not change its colour."""
    if isinstance(profile, bytes):
        with contextlib.suppress(Exception):  # a broken profile, or one of other colours
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            made = ImageCms.profileToProfile(picture, own, _SRGB, outputMode="RGB")
            if made is not None:
                return made
    return picture.convert("RGB")


def _rows(picture: Image.Image) -> Iterator[bytes]:
    step = max(1, _STRIP // (picture.width * 3))
    for top in range(0, picture.height, step):
        low = min(picture.height, top + step)
        yield picture.crop((0, top, picture.width, low)).tobytes()
