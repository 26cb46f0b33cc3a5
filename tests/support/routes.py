"""Every route of an application as requests: what a new page must also obey without being named."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})

# Something of the right shape for every variable part of an address; nothing of it exists.
_SAMPLES = {
    "case_id": "0" * 32,
    "form_id": "victim",
    "member_id": "0" * 32,
    "invitation_id": "0" * 32,
    "proposal_id": "0" * 32,
    "file_id": "0" * 32,
    "module": "story",
    "seq": 0,
    "size": 0,
}


def every_request(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Return method, path and endpoint of everything that `app` answers to."""
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            values = {name: _SAMPLES[name] for name in rule.arguments}
            path = adapter.build(rule.endpoint, values)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, path, rule.endpoint
