"""Files that attack whoever opens them, made here; each with what must become of it.

SHOWN: a harmless copy comes out. Else the word for why there is none.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image

from tests.support.files import (
    chunk,
    encoded,
    exif,
    ifd,
    of_objects,
    pdf,
    picture,
    png,
    segment,
    stream,
    with_segments,
)

SHOWN = "shown"
SCRIPT = b"<script>alert(1)</script>"
PAGES = 20  # a TIFF of more is too large for the tests' limits


class Sample(NamedTuple):
    make: Callable[[], bytes]
    becomes: tuple[str, ...]


SAMPLES: dict[str, Sample] = {}


def sample(*becomes: str):
    def keep(make: Callable[[], bytes]):
        SAMPLES[make.__name__.strip("_")] = Sample(make, becomes)
        return make

    return keep


def _also(name: str, data: bytes, *becomes: str) -> None:
    SAMPLES[name] = Sample(lambda: data, becomes)


# --- not looked into at all ----------------------------------------------------------------------

_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"
_POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\nshowpage\n"
for _name, _data in {
    "empty": b"",
    "one_byte": b"\xff",
    "noise": random.Random(1).randbytes(4096),
    "svg_with_a_script": _SVG,
    "svg_in_xml": b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "&#97;">]>' + _SVG,
    "html_named_as_a_picture": b"<!DOCTYPE html><title>x</title>" + SCRIPT,
    "postscript": _POSTSCRIPT,
    "postscript_in_a_dos_wrapper": b"\xc5\xd0\xd3\xc6" + bytes(26) + _POSTSCRIPT,
    "icon": encoded("ICO"),
    "netpbm": encoded("PPM"),
    "targa": encoded("TGA"),
    "jpeg_2000": encoded("JPEG2000"),
    "photoshop": b"8BPS\0\x01" + bytes(60),
    "windows_metafile": b"\xd7\xcd\xc6\x9a" + bytes(60),
    "film": struct.pack(">I", 24) + b"ftypisom" + bytes(200),
    "flash": b"FWS\x09" + bytes(200),
    "program": b"\x7fELF\x02\x01\x01" + bytes(200),
    "archive": b"PK\x03\x04" + bytes(60),
}.items():
    _also(_name, _data, "unknown")

# --- cut and broken, of each kind ----------------------------------------------------------------

_NOISY = Image.effect_noise((120, 90), 80).convert("RGB")
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF")
for _format in _FORMATS:
    _whole = encoded(_format, _NOISY)
    _also(f"{_format.lower()}_cut_in_the_middle", _whole[: len(_whole) // 2], "damaged")
    _also(f"{_format.lower()}_of_sixteen_bytes", _whole[:16], "damaged")
    _spoilt = bytearray(_whole)
    _dice = random.Random(_format)
    for _ in range(40):
        _spoilt[_dice.randrange(16, len(_spoilt))] = _dice.randrange(256)
    _also(f"{_format.lower()}_spoilt", bytes(_spoilt), SHOWN, "damaged", "too_large")
_also("heic_of_nothing", struct.pack(">I", 24) + b"ftypheic" + bytes(100), "unknown")
_also("pdf_of_nothing", b"%PDF-1.7\n%%EOF\n", "damaged")
_also("pdf_of_noise", b"%PDF-1.7\n" + random.Random(2).randbytes(4096), "damaged")
_also("pdf_cut_in_the_middle", pdf(pages=3)[:250], SHOWN, "damaged")
_also("pdf_without_pages", of_objects([b"<</Type/Catalog>>"]), "damaged")

# --- bombs ---------------------------------------------------------------------------------------


def _zeros(megabytes: int) -> bytes:
    """Return a deflate stream of that many zeros without making them all."""
    press = zlib.compressobj(9)
    head = press.compress(bytes(1 << 20)) + press.flush(zlib.Z_FULL_FLUSH)
    again = press.compress(bytes(1 << 20)) + press.flush(zlib.Z_FULL_FLUSH)
    return head + again * (megabytes - 1) + press.flush()


@sample("too_large")
def png_of_50000_times_50000():
    return png(50_000, 50_000, chunk(b"IDAT", _zeros(299)))


@sample("too_large")
def png_of_the_largest_numbers():
    return png((1 << 31) - 1, (1 << 31) - 1, chunk(b"IDAT", b""))


@sample(SHOWN, "damaged")
def png_with_a_text_of_200_megabytes():
    text = chunk(b"zTXt", b"Comment\0\0" + _zeros(200))
    return png(8, 8, text, chunk(b"IDAT", zlib.compress(bytes(16))))


@sample(SHOWN)
def gif_of_3000_pictures():
    frames = [picture(8 + shade % 5, 8) for shade in range(300)]
    one = encoded("GIF", frames[0], save_all=True, append_images=frames[1:], duration=9)
    return one[:-1] + one[one.index(b"!\xf9") : -1] * 9 + b";"


@sample("too_large")
def gif_of_65535_times_65535():
    data = bytearray(encoded("GIF"))
    data[6:10] = b"\xff" * 4
    return bytes(data)


@sample("too_large")
def jpeg_of_65000_times_65000():
    data = bytearray(encoded("JPEG"))
    place = data.index(b"\xff\xc0") + 5
    data[place : place + 4] = struct.pack(">HH", 65_000, 65_000)
    return bytes(data)


@sample("too_large")
def bmp_of_100000_times_100000():
    data = bytearray(encoded("BMP"))
    data[18:26] = struct.pack("<ii", 100_000, 100_000)
    return bytes(data)


@sample("too_large")
def webp_of_16000_times_16000():
    return encoded("WEBP", Image.new("L", (4000, 4000)), lossless=True)


@sample("too_large")
def tiff_of_more_pages_than_allowed():
    frames = [Image.new("L", (8, 8)) for _ in range(PAGES + 1)]
    return encoded("TIFF", frames[0], save_all=True, append_images=frames[1:])


@sample("damaged", SHOWN)
def tiff_whose_pages_go_in_a_circle():
    data = bytearray(encoded("TIFF"))
    start = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, start)[0]
    struct.pack_into("<I", data, start + 2 + 12 * count, start)
    return bytes(data)


@sample("damaged", "too_large")
def tiff_with_counts_beyond_the_file():
    entries = [(0x100, 4, 1, b"\x10"), (0x101, 4, 1, b"\x10"), (0x111, 4, 0xFFFFFFF0, b"\xff" * 4)]
    return b"II*\0\x08\0\0\0" + ifd(entries)


@sample(SHOWN)
def pdf_of_a_page_as_wide_as_a_town():
    return pdf(box=b"0 0 14000000 14000000")


@sample("too_large", "damaged")
def pdf_of_a_page_like_a_thread():
    return pdf(box=b"0 0 100000000 1")


@sample(SHOWN, "damaged")
def pdf_of_a_page_without_size():
    return pdf(box=b"0 0 0 0")


@sample(SHOWN, "damaged")
def pdf_of_a_page_of_no_numbers():
    return pdf(box=b"nan inf -1e99 1e99")


@sample("too_large", SHOWN)  # of the whole; its first page is shown
def pdf_of_a_million_pages_that_are_one():
    tree = b"<</Type/Pages/Count 1000000/Kids[%s]>>" % (b"3 0 R " * 1000)
    return of_objects(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            tree,
            b"<</Type/Pages/Parent 2 0 R/Count 1000/Kids[%s]>>" % (b"4 0 R " * 1000),
            b"<</Type/Page/Parent 3 0 R/MediaBox[0 0 9 9]>>",
        ]
    )


@sample(SHOWN, "damaged")
def pdf_whose_pages_go_in_a_circle():
    tree = b"<</Type/Pages/Count 2/Kids[2 0 R 2 0 R]>>"
    return of_objects([b"<</Type/Catalog/Pages 2 0 R>>", tree])


@sample(SHOWN, "damaged")
def pdf_whose_table_goes_in_a_circle():
    data = pdf()
    start = data.rindex(b"xref\n0")
    return data.replace(b"/Root 1 0 R>>", b"/Root 1 0 R/Prev %d>>" % start)


@sample(SHOWN, "damaged")
def pdf_nested_100000_deep():
    return pdf(b"[" * 100_000 + b"]" * 100_000, page=b"/Deep 4 0 R")


@sample(SHOWN, "damaged")
def pdf_whose_drawing_is_nested_100000_deep():
    return pdf(content=b"q " * 100_000 + b"[" * 100_000)


@sample(SHOWN, "damaged")
def pdf_that_draws_itself():
    form = stream(
        b"/X Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>"
    )
    return pdf(form, content=b"/X Do", page=b"/Resources<</XObject<</X 4 0 R>>>>")


@sample(SHOWN, "damaged", "too_long")
def pdf_that_unfolds_to_gigabytes():
    twice = zlib.compress(_zeros(700), 9)
    return pdf(stream(twice, b"/Filter[/FlateDecode/FlateDecode]"), page=b"/Contents 4 0 R")


@sample(SHOWN, "damaged")
def pdf_with_a_picture_of_60000_times_60000():
    image = stream(
        _zeros(1),
        b"/Type/XObject/Subtype/Image/Width 60000/Height 60000/ColorSpace/DeviceRGB"
        b"/BitsPerComponent 8/Filter/FlateDecode",
    )
    return pdf(image, content=b"/I Do", page=b"/Resources<</XObject<</I 4 0 R>>>>")


# --- two files in one ----------------------------------------------------------------------------


@sample(SHOWN)
def gif_that_is_a_script():
    return encoded("GIF") + b"*/=1;alert(1)//" + SCRIPT


@sample(SHOWN)
def jpeg_with_a_page_in_its_comment():
    return with_segments(segment(0xFE, b"<html>" + SCRIPT))


@sample(SHOWN)
def png_with_a_page_behind_it():
    return encoded("PNG") + b"<html>" + SCRIPT


@sample(SHOWN)
def pdf_that_is_an_archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.html", SCRIPT)
    return pdf() + out.getvalue()


@sample(SHOWN, "damaged")
def pdf_that_is_a_page():
    return b"<html>" + SCRIPT + b"<!--" + pdf() + b"-->"


# --- metadata that attacks who reads it ----------------------------------------------------------


def _tagged(block: bytes) -> bytes:
    return with_segments(segment(0xE1, block))


@sample(SHOWN)
def exif_that_starts_beyond_the_file():
    return _tagged(b"Exif\0\0II*\0\xff\xff\xff\xff" + bytes(20))


@sample(SHOWN)
def exif_with_values_beyond_the_file():
    return _tagged(exif(ifd([(0x10F, 2, 0xFFFFFFFF, b"\xff" * 4), (0x8825, 4, 1, b"\xff" * 4)])))


@sample(SHOWN)
def exif_that_points_to_itself():
    return _tagged(exif(ifd([(0x8769, 4, 1, b"\x08"), (0x8825, 4, 1, b"\x08")], following=8)))


@sample(SHOWN)
def exif_with_a_place_divided_by_nothing():
    gps = ifd([(1, 2, 2, b"N"), (2, 5, 3, struct.pack("<I", 56)), (4, 5, 3, struct.pack("<I", 56))])
    return _tagged(exif(ifd([(0x8825, 4, 1, struct.pack("<I", 26))]), gps, bytes(40)))


@sample(SHOWN)
def exif_that_turns_it_in_no_known_way():
    return _tagged(exif(ifd([(0x112, 3, 1, b"\xff\xff")])))


@sample(SHOWN)
def xmp_of_a_billion_laughs():
    laughs = b"".join(
        b'<!ENTITY l%d "%s">' % (one, b"&l%d;" % (one - 1) * 10) for one in range(1, 10)
    )
    packet = b"<!DOCTYPE x [%s]><x:xmpmeta>%s</x:xmpmeta>" % (laughs, b"<dc:creator>" * 2000)
    return _tagged(b"http://ns.adobe.com/xap/1.0/\0" + packet)


@sample(SHOWN)
def xmp_that_begins_a_million_times():
    return encoded("JPEG") + b"<x:xmpmeta " * 1_000_000


@sample(SHOWN)
def xmp_of_one_word_without_end():
    return encoded("JPEG") + b"<x:xmpmeta>" + b"a" * 900_000 + b"</x:xmpmeta>"


@sample(SHOWN)
def xmp_of_lists_without_an_end():
    lists = b"<x:xmpmeta" + b"<a:b><rdf:Alt>" * 60_000 + b"</x:xmpmeta>"
    return encoded("JPEG") + lists * 8


@sample(SHOWN)
def profile_of_noise():
    return encoded("JPEG", icc_profile=random.Random(3).randbytes(3000))


# --- papers that do things -----------------------------------------------------------------------


@sample(SHOWN)
def pdf_with_a_script():
    return pdf(catalogue=b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>")


@sample(SHOWN)
def pdf_that_starts_a_program():
    return pdf(catalogue=b"/OpenAction<</S/Launch/F(/bin/sh)>>")


@sample(SHOWN)
def pdf_that_calls_an_address():
    return pdf(catalogue=b"/OpenAction<</S/URI/URI(http://192.0.2.1/)>>")


@sample(SHOWN)
def pdf_that_draws_a_file_of_the_machine():
    form = stream(b"", b"/Type/XObject/Subtype/Image/Width 9/Height 9/F(/etc/passwd)")
    return pdf(form, content=b"/I Do", page=b"/Resources<</XObject<</I 4 0 R>>>>")


@sample("password")
def pdf_behind_a_password():
    secret = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O(%s)/U(%s)>>" % (b"a" * 32, b"b" * 32)
    return pdf(trailer=secret + b"/ID[(a)(a)]")


def _with_font(kind: bytes, key: bytes, program: bytes) -> bytes:
    font = (
        b"<</Type/Font/Subtype/%s/BaseFont/Evil/FirstChar 65/LastChar 65/Widths[500]"
        b"/FontDescriptor<</Type/FontDescriptor/FontName/Evil/Flags 4/%s 5 0 R>>>>" % (kind, key)
    )
    return pdf(
        font,
        stream(program, b"/Length1 %d" % len(program)),
        content=b"BT /F 20 Tf 10 10 Td (AAA) Tj ET",
        page=b"/Resources<</Font<</F 4 0 R>>>>",
    )


@sample(SHOWN, "damaged")
def pdf_with_a_font_of_noise():
    return _with_font(b"TrueType", b"FontFile2", random.Random(4).randbytes(2000))


@sample(SHOWN, "damaged")
def pdf_with_a_font_of_wild_offsets():
    tables = b"".join(
        name + b"\xff" * 12 for name in (b"glyf", b"loca", b"head", b"hhea", b"maxp", b"cmap")
    )
    return _with_font(b"TrueType", b"FontFile2", b"\0\1\0\0\0\6\0\0\0\0\0\0" + tables)


@sample(SHOWN, "damaged")
def pdf_with_a_postscript_font():
    return _with_font(b"Type1", b"FontFile", b"%!PS-AdobeFont-1.0: Evil\n" + b"{" * 50_000)


def _with_picture(filter_name: bytes, body: bytes) -> bytes:
    image = stream(
        body,
        b"/Type/XObject/Subtype/Image/Width 99/Height 99/ColorSpace/DeviceGray/BitsPerComponent 1"
        b"/Filter/" + filter_name,
    )
    return pdf(image, content=b"/I Do", page=b"/Resources<</XObject<</I 4 0 R>>>>")


for _filter in (b"JBIG2Decode", b"JPXDecode", b"CCITTFaxDecode", b"DCTDecode", b"LZWDecode"):
    _body = random.Random(_filter).randbytes(3000)
    _name = f"pdf_with_a_broken_picture_{_filter[:-6].decode().lower()}"
    _also(_name, _with_picture(_filter, _body), SHOWN, "damaged")
