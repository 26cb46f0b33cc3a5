from vault.web.shared import headers


def test_the_content_security_policy_word_for_word():
    assert headers.EVERY_ANSWER["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def test_the_policy_allows_nothing_unsafe_and_no_script():
    for sources in headers.CONTENT_SECURITY_POLICY.values():
        assert not [source for source in sources if "unsafe" in source or source == "*"]
    assert "script-src" not in headers.CONTENT_SECURITY_POLICY


def test_policies_are_written_as_their_specifications_say():
    assert headers.permissions_policy({"camera": (), "usb": ("self",)}) == "camera=(), usb=(self)"
    assert headers.content_security_policy({"a": ("'self'", "b"), "c": ()}) == "a 'self' b; c"


def test_leaving_clears_everything_but_does_not_reload():
    assert headers.LEAVING == {"Clear-Site-Data": '"cache", "cookies", "storage"'}
