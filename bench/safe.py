"""How long looking at what people send takes: a photograph of 12 megapixels, a paper of 20 pages.

Run alone: `python -m bench.safe`. Beside each number stands what the same work costs in this
process, without children and pipes.
"""

from __future__ import annotations

import io
import resource
import time
from collections.abc import Callable

import pypdfium2
from PIL import Image

from vault.safe.limits import Limits
from vault.safe.process import SafeProcess

PAGES = 20
LIMITS = Limits(64 << 20, 50_000_000, 200, 1 << 30, 60, 2, "/nowhere")


def photograph() -> bytes:
    """Return a JPEG of 4000 by 3000 pixels, with as much detail as a camera's."""
    coarse = Image.effect_noise((1000, 750), 60).resize((4000, 3000))
    return _jpeg(
        Image.merge(
            "RGB", [coarse, coarse.rotate(180), coarse.transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
        )
    )


def paper() -> bytes:
    """Return a scan: a JPEG of A4 at 150 dots an inch on each of its pages."""
    page = Image.effect_noise((310, 438), 60).resize((1240, 1754)).convert("RGB")
    out = io.BytesIO()
    page.save(out, "PDF", save_all=True, append_images=[page] * (PAGES - 1), resolution=150)
    return out.getvalue()


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()


def _again(data: bytes) -> None:
    _jpeg(Image.open(io.BytesIO(data)))


def _drawn(data: bytes, pages: int = PAGES) -> None:
    with pypdfium2.PdfDocument(data) as opened:
        for number in range(pages):
            _jpeg(opened[number].render(scale=150 / 72).to_pil())


def _timed(work: Callable[[], object], times: int = 5) -> tuple[float, float]:
    """Return the seconds of the quickest of a few runs, and of processor that each took."""
    before, spans = _processor(), []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spans.append(time.perf_counter() - start)
    return min(spans), (_processor() - before) / times


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """Print a line for each."""
    safe, picture, pages = SafeProcess(LIMITS), photograph(), paper()
    small = _jpeg(Image.new("RGB", (8, 8)))
    work: dict[str, Callable[[], object]] = {
        "start and end of one child": lambda: safe.inspect(small),
        "start and end of two": lambda: safe.show(small),
        "photograph, 12 MP: what it betrays": lambda: safe.inspect(picture),
        "photograph, 12 MP: a clean copy": lambda: safe.clean(picture),
        "  decoded and encoded in this process": lambda: _again(picture),
        "photograph, 12 MP: shown at 1600": lambda: safe.show(picture, size=1600),
        "paper, 20 pages: what it betrays": lambda: safe.inspect(pages),
        "paper, 20 pages: a clean copy": lambda: safe.clean(pages),
        "  drawn and encoded in this process": lambda: _drawn(pages),
        "paper, 20 pages: one shown at 1600": lambda: safe.show(pages, page=9, size=1600),
    }
    for name, one in work.items():
        seconds, used = _timed(one)
        print(f"{name:45} {seconds:6.2f} s   {used:6.2f} s of processor")


if __name__ == "__main__":
    main()
