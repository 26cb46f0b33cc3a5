"""axe-core on a page that a person stands on: WCAG 2.2 A and AA, and its best practices."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

# What the browser's own tools run; no page of ours could load it.
SCRIPT = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
SCHEMES = ("light", "dark")

RUN = """async only => {
  const rules = only && {runOnly: {type: 'rule', values: [only]}};
  const found = await axe.run(document, rules || {});
  return found.violations.map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 120))]);
}"""


def violations(page: Page, scheme: str = "light") -> dict[str, list[object]]:
    """Unfold what is folded and return what is wrong, by colour scheme.

    Every rule runs in `scheme`, which stays; in the other one only contrast differs.
    """
    page.evaluate("document.querySelectorAll('details').forEach(folded => { folded.open = true; })")
    page.evaluate(SCRIPT)
    (other,) = set(SCHEMES) - {scheme}
    page.emulate_media(color_scheme=other)
    found = {other: page.evaluate(RUN, "color-contrast")}
    page.emulate_media(color_scheme=scheme)
    found[scheme] = page.evaluate(RUN, None)
    return {name: wrong for name, wrong in found.items() if wrong}
