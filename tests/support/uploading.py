"""Files as a browser posts them, and the two pages on which a witness sends them."""

from __future__ import annotations

import html
import io
import re

from PIL import Image

BOUNDARY = "B"
KIND = f"multipart/form-data; boundary={BOUNDARY}"
PLANTED = ("Planted Camera", "Planted Person")
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def picture(size=(320, 240)) -> bytes:
    """A photograph that says with what and by whom it was taken."""
    exif = Image.Exif()
    exif[0x010F], exif[0x013B] = PLANTED
    saved = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(saved, "JPEG", exif=exif)
    return saved.getvalue()


def posted(fields, files) -> bytes:
    """Fields, and files by name and bytes, as a browser puts them on the wire."""
    lines = []
    for name, value in fields.items():
        lines += [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()]
        lines += [value.encode(), b"\r\n"]
    for name, data in files:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        lines += [head.encode(), b"Content-Type: application/octet-stream\r\n\r\n", data, b"\r\n"]
    return b"".join(lines) + f"--{BOUNDARY}--\r\n".encode()


def hidden(source: str) -> dict[str, str]:
    """The hidden fields of a page."""
    return {name: html.unescape(value) for name, value in _HIDDEN.findall(source)}


def upload(client, *files, lang="ru", fields=None):
    """Choose files in an open visit; returns the answer."""
    fields = hidden(client.get(f"/return/files?lang={lang}").text) if fields is None else fields
    data = posted(fields, files)
    return client.post(f"/return/files?lang={lang}", data=data, content_type=KIND)


def choices(count, **chosen):
    """What is chosen of each of so many files."""
    every = {"keep": "original", "kind": "other", "see": "lawyer", **chosen}
    return {f"{name}-{n}": value for n in range(count) for name, value in every.items()}


def send(client, page, count=1, lang="ru", **chosen):
    """Send what the second page holds; returns the answer."""
    data = {**hidden(page.text), **choices(count, **chosen)}
    return client.post(f"/return/files/send?lang={lang}", data=data)
