"""Watches a browser for what no text may cause: code that runs, requests, windows, warnings."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# Chromium says on its console that an address answered with an error; that is no fault of a page.
STATUS_LINE = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")

INJECTED = """() => [
  window.__pwned !== undefined,
  document.querySelectorAll(
    // The scripts there are: where a page asks for a code, and with witnesses.
    'script:not([src="/page.js"]):not([src="/files.js"])' +
    ':not([src="/staff/passkey.js"]):not([src="/audit/passkey.js"]), style, img,' +
    // The drawings of the body are paths, and nothing that is read out.
    'svg:not([aria-hidden=true]):not([aria-hidden=true] > svg), svg :not(path),' +
    'math, iframe, object, embed, video, audio, base, meta[http-equiv]').length,
  [...document.querySelectorAll('*')].some(
    e => [...e.attributes].some(a => a.name.startsWith('on') || a.name === 'style')),
  [...document.querySelectorAll('[href], [action], [src]')].some(
    e => new URL(e.getAttribute('href') || e.getAttribute('action') || e.getAttribute('src'),
                 location).protocol === 'javascript:'),
]"""


class Watch:
    """What happened in a browser that should not have."""

    def __init__(self, context, demo):
        self.found = []
        self._own = {urlsplit(a).netloc for a in (demo.intake, demo.staff, demo.audit)}
        context.on("dialog", self._dialog)
        context.on("console", lambda message: self._say(message.type, message.text))
        context.on("weberror", lambda error: self.found.append(str(error.error)))
        context.on("request", self._request)
        context.on("page", lambda page: self.found.append(f"window {page.url}"))

    def check(self, page):
        assert page.evaluate(INJECTED) == [False, 0, False, False], page.url
        assert self.found == []

    def _dialog(self, dialog):
        self.found.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _say(self, kind, text):
        if kind in ("error", "warning") and not STATUS_LINE.match(text):
            self.found.append(text)

    def _request(self, request):
        if urlsplit(request.url).netloc not in self._own:
            self.found.append(request.url)


def put(page, field, text):
    """Put text into a field as pasting does, characters that no key types included."""
    page.eval_on_selector(field, "(field, text) => { field.value = text }", text)
