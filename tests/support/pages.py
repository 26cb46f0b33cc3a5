"""Pages as a browser sees them: which answers give which posted pairs, and what a form would post.

`posted` is written from the words of docs/spec/forms.md and not from the code that reads.
"""

from __future__ import annotations

from html.parser import HTMLParser


def posted(fields, answers):
    """Return the (name, value) pairs that a page posts when somebody gives these answers."""
    pairs = []
    for field in fields:
        value = answers
        for name in field.id.split("."):
            if not isinstance(value, dict) or name not in value:
                break
            value = value[name]
        else:
            pairs += list(_pairs(field, field.id, value))
    return pairs


def fitting(fields, found):
    """Return answers without those that do not go with another beside them."""
    left = {field.id if field.id in found else field.name: field for field in fields}
    said = {left[key].name: value for key, value in found.items()}
    return {key: value for key, value in found.items() if left[key].goes_with(said)}


def _pairs(field, name, value):
    return _KINDS.get(field.type, _one)(field, name, value)


def _one(_, name, value):
    yield name, "?" if value is None else value


def _number(_, name, value):
    yield (f"{name}.unknown", "yes") if value is None else (name, str(value))


def _codes(_, name, value):
    for code in value:
        yield name, code


def _date(_, name, value):
    for key, part in value.items():
        yield f"{name}.{key}", _as_typed(part) if key in {"from", "to"} else part


def _list(field, name, value):
    for place, entry in enumerate(value):
        yield from _inside(field, f"{name}.{place}", entry)


def _inside(field, name, values):
    for key, value in values.items():
        yield from _pairs(field.by_name[key], f"{name}.{key}", value)


_KINDS = {"number": _number, "codes": _codes, "date": _date, "list": _list, "object": _inside}


def _as_typed(day):
    """Return an ISO day as people here write it."""
    return ".".join(reversed(day.split("-")))


class Page(HTMLParser):
    """The main form of a page: `pairs` is what a browser would post, `names` every control."""

    def __init__(self, source, form="more"):
        super().__init__()
        self.pairs, self.names, self.ids, self.kinds = [], [], [], {}
        self._wanted, self._inside = form, False
        self._area = self._chosen = None
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "form":
            self._inside = found.get("id") == self._wanted
        if not self._inside or tag not in {"input", "textarea", "select", "option", "button"}:
            return
        if name := found.get("name"):
            self.names.append(name)
            self.kinds.setdefault(name, found.get("type", tag))
        getattr(self, f"_{tag}")(found)

    def _input(self, found):
        chosen = "checked" in found or found["type"] in {"text", "hidden"}
        if chosen:
            self.pairs.append((found["name"], found.get("value", "")))

    def _textarea(self, found):
        self._area = [found["name"], ""]

    def _select(self, found):
        self._chosen = [found["name"], None]

    def _option(self, found):
        if self._chosen[1] is None or "selected" in found:
            self._chosen[1] = found["value"]

    def _button(self, _):
        """A button posts only what it is pressed for."""

    def handle_data(self, data):
        if self._area is not None:
            self._area[1] += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self._area:
            name, text = self._area
            self.pairs.append((name, text.removeprefix("\n")))
            self._area = None
        if tag == "select" and self._chosen:
            self.pairs.append(tuple(self._chosen))
            self._chosen = None
        if tag == "form":
            self._inside = False

    @property
    def filled(self):
        """What would be posted and is not empty, without the hidden fields of every page."""
        hidden = {"send_id", "token", "form"}
        return [(name, value) for name, value in self.pairs if value and name not in hidden]
