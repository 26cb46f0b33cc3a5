"""The daily notice; what happens when it is on is told by tests/cli/test_notices.py."""


def test_it_is_off_and_that_is_well(finding):
    found = finding("notices")
    assert (found.well, found.said) == (True, "off")
