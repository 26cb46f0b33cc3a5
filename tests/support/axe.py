"""axe-core on a page that a person stands on: WCAG 2.2 A and AA, and its best practices."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

# What the browser's own tools run; no page of ours could load it.
SCRIPT = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
SCHEMES = ("light", "dark")

# Only a rule that is not on, about turning the screen, reads style sheets: none is fetched again.
RUN = """async rules => {
  const found = await axe.run(document, {preload: false, resultTypes: ['violations'], ...rules});
  return found.violations.map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 120))]);
}"""
CONTRAST = "color-contrast"


def violations(page: Page, contrast: tuple[str, ...] = SCHEMES) -> dict[str, list[object]]:
    """Unfold what is folded and return what is wrong, by what was looked at.

    Args:
        page: which is in the last of these schemes then.
        contrast: the schemes in which contrast is looked at. It is the dearest of all rules and
            depends on no language; the others depend on no scheme.
    """
    page.evaluate("document.querySelectorAll('details').forEach(folded => { folded.open = true; })")
    page.evaluate(SCRIPT)
    found = {"all but contrast": page.evaluate(RUN, {"rules": {CONTRAST: {"enabled": False}}})}
    for scheme in contrast:
        page.emulate_media(color_scheme=scheme)
        found[scheme] = page.evaluate(RUN, {"runOnly": {"type": "rule", "values": [CONTRAST]}})
    return {name: wrong for name, wrong in found.items() if wrong}
