"""Headers as data; what each route carries is in tests/web/routes."""

from vault.web.shared import headers


def test_policies_are_written_as_their_specifications_say():
    assert headers.permissions_policy({"camera": (), "usb": ("self",)}) == "camera=(), usb=(self)"
    assert headers.content_security_policy({"a": ("'self'", "b"), "c": ()}) == "a 'self' b; c"


def test_an_exception_counts_only_where_an_endpoint_gives_what_it_is_for():
    assert headers.of("download.export", 200) == headers.EVERY_ANSWER | headers.DOWNLOAD
    assert headers.of("download.export", 302) == headers.EVERY_ANSWER
    assert headers.of("overview.overview", 200) == headers.EVERY_ANSWER
    assert headers.of(None, 404) == headers.EVERY_ANSWER


def test_leaving_clears_everything_but_does_not_reload():
    assert headers.LEAVING == {"Clear-Site-Data": '"cache", "storage"'}
