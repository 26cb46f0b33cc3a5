"""A declaration that the browser does not understand is dropped without a word; none is."""

from pathlib import Path

import pytest

import vault.web

SHEETS = Path(vault.web.__file__).parent / "shared" / "static"

# Every `property: value` of every rule, asked of the browser as its own `@supports` does.
DROPPED = """css => {
  const dropped = [], plain = css.replace(/\\/\\*[^]*?\\*\\//g, '');
  for (const [, body] of plain.matchAll(/\\{([^{}]*)\\}/g))
    for (const stated of body.split(';').map(s => s.trim()).filter(Boolean)) {
      const at = stated.indexOf(':');
      const name = stated.slice(0, at).trim(), value = stated.slice(at + 1).trim();
      const wrong = /(^|[^\\w-])-var\\(/.test(value);  // `var` makes the browser believe anything
      if (!name.startsWith('--') && (wrong || !CSS.supports(name, value))) dropped.push(stated);
    }
  return dropped;
}"""


@pytest.mark.parametrize("name", ["intake.css", "staff.css"])
def test_the_browser_understands_every_declaration(new_context, name):
    page = new_context(java_script_enabled=True).new_page()
    assert page.evaluate(DROPPED, (SHEETS / name).read_text("utf-8")) == []


def test_it_would_say_what_it_does_not_understand(new_context):
    page = new_context(java_script_enabled=True).new_page()
    css = "a { colour: red; color: red; margin: -var(--s4) 0; padding: 1zz; }"
    assert page.evaluate(DROPPED, css) == ["colour: red", "margin: -var(--s4) 0", "padding: 1zz"]
