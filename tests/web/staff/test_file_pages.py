"""Files of a case on the pages of those who handle it: made anew, asked for, and entered."""

import base64
import html
import re
import sys
import time
from dataclasses import replace

import pytest

from tests.support.files import decoded, encoded, pdf
from tests.support.hostile_files import SAMPLES, SCRIPT
from tests.support.uploading import PLANTED, picture
from vault.cases.arriving import arrived
from vault.cases.reveal import open_case
from vault.cases.reveal.opened import SHOWN
from vault.errors import BusyError
from vault.safe.process import SafeProcess

PICTURE = re.compile(r'<img src="data:([a-z/]+);base64,([^"]+)"')


@pytest.fixture
def lawyer(as_member):
    return as_member("lawyer")


def files_of(house, case, who="lawyer"):
    view = open_case(house.vault, house.actors[who], case.rpartition("/")[2])
    return [file for record in view.records for file in record.files]


def only(house, case):
    (file,) = files_of(house, case)
    return f"{case}/files/{file.id}"


def text(page):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page.text)))


def pictures(page):
    """What a page shows, as media type and bytes."""
    return [(kind, base64.b64decode(data)) for kind, data in PICTURE.findall(page.text)]


def kinds(house, case):
    own = case.rpartition("/")[2]
    return [e.kind for e in house.vault.journal.read(limit=10_000) if e.subject.get("case") == own]


def test_small_pictures_of_files_that_take_long_are_given_up_soon(
    house, lawyer, attach, monkeypatch
):
    case = attach(("a.jpg", picture()), ("b.jpg", picture()))
    sleeping = [sys.executable, "-I", "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr("vault.safe.process._CHILD", sleeping)
    monkeypatch.setattr("vault.web.staff.looking.SMALL_SECONDS", 1)
    began = time.monotonic()
    page = lawyer.get(f"{case}/files")
    assert (page.status_code, pictures(page)) == (200, [])
    assert time.monotonic() - began < house.settings.files.seconds


# --- looking -------------------------------------------------------------------------------------


def test_a_picture_is_made_anew_and_what_it_betrays_stands_in_a_table(house, lawyer, attach):
    data = picture()
    page = lawyer.get(only(house, attach(("снимок.jpg", data))) + "?lang=en")
    ((kind, shown),) = pictures(page)
    assert kind == "image/jpeg"
    assert not any(word.encode() in shown for word in PLANTED)
    assert base64.b64encode(data)[:200].decode() not in page.text
    assert all(word in text(page) for word in PLANTED)
    assert "снимок.jpg" in text(page)
    assert "SHA-256 of what was sent" in text(page)


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("", (800, 600)),
        ("size=1600&turn=90", (900, 1200)),
        ("size=3200&turn=180", (1200, 900)),
        ("size=0&turn=45", (800, 600)),
        ("size=99999999999999999999&turn=-90", (800, 600)),
        ("size=x&turn=x&page=x", (800, 600)),
    ],
)
def test_it_is_turned_and_sized_only_as_the_page_offers(house, lawyer, attach, query, size):
    page = lawyer.get(f"{only(house, attach(('a.jpg', picture((1200, 900)))))}?{query}")
    ((_, shown),) = pictures(page)
    assert decoded(shown).size == size


@pytest.mark.parametrize(
    ("asked", "shown", "links"),
    [
        ("0", "Page 1 of 3", ["next"]),
        ("1", "Page 2 of 3", ["prev", "next"]),
        ("2", "Page 3 of 3", ["prev"]),
        ("3", "Page 3 of 3", ["prev"]),
        ("-1", "Page 1 of 3", ["next"]),
        ("9" * 30, "Page 3 of 3", ["prev"]),
        ("x", "Page 1 of 3", ["next"]),
    ],
)
def test_pages_are_turned_and_one_that_is_not_there_is_the_nearest(
    house, lawyer, attach, asked, shown, links
):
    address = only(house, attach(("a.pdf", pdf(pages=3))))
    page = lawyer.get(f"{address}?lang=en&page={asked}")
    assert shown in text(page)
    assert re.findall(r'rel="(prev|next)"', page.text) == links
    assert len(pictures(page)) == 1


def test_the_files_of_a_case_are_gone_through_one_by_one(house, lawyer, attach):
    case = attach(("a", b"abc"), ("b", b"def"), ("c", b"ghi"))
    first, second, third = (f"{case}/files/{file.id}" for file in files_of(house, case))
    for address, before, after in (
        (first, None, second),
        (second, first, third),
        (third, second, None),
    ):
        page = lawyer.get(address).text
        links = dict(re.findall(r'<a rel="(prev|next)" href="([^"?]+)', page))
        assert (links.get("prev"), links.get("next")) == (before, after)


def test_the_picture_of_a_body_is_shown_only_to_whoever_asks_for_it(house, lawyer, attach):
    case = attach(("a.jpg", picture()), ("b.jpg", picture()), kind="body")
    address = f"{case}/files/{files_of(house, case)[0].id}"
    for before in (f"{case}/files?lang=en", f"{address}?lang=en"):
        page = lawyer.get(before)
        assert pictures(page) == []
        assert "picture of a body or of injuries" in text(page)
    assert SHOWN not in kinds(house, case)
    assert len(pictures(lawyer.get(f"{address}?look=1"))) == 1
    assert kinds(house, case).count(SHOWN) == 1


def test_small_pictures_are_one_entry_some_at_a_time_and_no_bodies(
    house, lawyer, teller, hand_over, attach
):
    client = teller()
    hand_over(client.case)
    attach(*((f"{n}.jpg", picture()) for n in range(10)), client=client)
    case = attach(("body.jpg", picture()), client=client, kind="body")
    shown = {}
    for number in range(2):
        page = lawyer.get(f"{case}/files?page={number}&lang=en")
        shown[number] = len(pictures(page))
        assert all(max(decoded(data).size) <= 240 for _, data in pictures(page))
    assert shown == {0: 8, 1: 2}
    assert kinds(house, case).count("file.small") == 2
    assert SHOWN not in kinds(house, case)
    assert lawyer.get(f"{case}/files?page=99").status_code == 200
    assert lawyer.get(f"{case}/files?page=-9").status_code == 200


def test_a_recording_is_only_saved_and_the_page_says_why_without_opening_it(house, lawyer, attach):
    case = attach(("voice.mp3", b"ID3\x04" + bytes(2000)), kind="recording")
    page = lawyer.get(f"{only(house, case)}?lang=en")
    assert "Recordings of sound and film are not played here" in text(page)
    assert not re.search("<(audio|video|object|embed|iframe)", page.text)
    assert SHOWN not in kinds(house, case)


def test_when_others_look_the_page_says_so_and_opens_all_the_same(
    house, lawyer, attach, monkeypatch
):
    def busy(*_, **__):
        raise BusyError

    address = only(house, attach(("a.jpg", picture())))
    monkeypatch.setattr(SafeProcess, "inspect", busy)
    page = lawyer.get(f"{address}?lang=en")
    assert page.status_code == 200
    assert "Others are looking at files just now. Reload this page in a moment." in text(page)
    assert pictures(page) == []


def test_what_is_over_the_limit_is_not_opened_to_be_shown(house, lawyer, attach, monkeypatch):
    case = attach(("a.jpg", picture()))
    address = only(house, case)
    limits = replace(house.settings.files, looked_at=1000)
    settings = replace(house.settings, files=limits)
    monkeypatch.setitem(vars(house.vault), "settings", settings)
    page = lawyer.get(f"{address}?lang=en")
    assert "too large to be shown here" in text(page)
    assert SHOWN not in kinds(house, case)


HOSTILE = """svg_with_a_script html_named_as_a_picture archive film flash heic_of_nothing
 png_of_50000_times_50000 gif_of_3000_pictures gif_that_is_a_script jpeg_with_a_page_in_its_comment
 png_with_a_page_behind_it pdf_that_is_an_archive pdf_that_is_a_page xmp_of_a_billion_laughs
 pdf_with_a_script pdf_that_starts_a_program pdf_cut_in_the_middle jpeg_spoilt
 pdf_that_draws_itself exif_that_points_to_itself""".split()


def test_of_hostile_files_a_page_shows_a_picture_made_anew_or_why_there_is_none(
    house, lawyer, attach
):
    case = attach(*((name, SAMPLES[name].make()) for name in HOSTILE))
    for file in files_of(house, case):
        page = lawyer.get(f"{case}/files/{file.id}?lang=en")
        assert page.status_code == 200, file.name
        assert SCRIPT.decode() not in page.text, file.name
        for kind, data in pictures(page):
            assert kind == "image/jpeg", file.name
            assert "shown" in SAMPLES[file.name].becomes, file.name
            assert SCRIPT not in data, file.name
            assert decoded(data).format == "JPEG", file.name
        if not pictures(page):
            assert "It can be saved, at the end of this page." in text(page), file.name
            assert SAMPLES[file.name].becomes != ("shown",), file.name
    small = lawyer.get(f"{case}/files")
    assert SCRIPT.decode() not in small.text
    assert {kind for kind, _ in pictures(small)} == {"image/jpeg"}


# --- nothing as it was sent ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.html", SCRIPT),
        ("a.svg", SAMPLES["svg_with_a_script"].make()),
        ("a.jpg", picture()),
        ('"; filename=x.exe\r\nX: y', b"abc"),
    ],
)
def test_a_file_is_given_out_as_it_was_sent_and_never_opens_here(house, lawyer, attach, name, data):
    address = only(house, attach((name.replace('"', "").replace("\r\n", ""), data)))
    lawyer.get(address)
    answer = lawyer.post(f"{address}/download")
    assert answer.data == data
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "'none'" in answer.headers["Content-Security-Policy"]
    disposition = answer.headers["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="file-[0-9a-f]{8}\.[a-z]{3,4}"', disposition)


def test_no_page_of_a_case_holds_a_byte_of_a_file(house, app, lawyer, attach):
    planted = b"PLANTED-IN-A-FILE " * 10
    case = attach(("a.txt", planted), ("b.png", encoded("PNG") + planted))
    values = {"case_id": case.rpartition("/")[2], "kind": "reply"}
    asked = [
        f"{path}{end}"
        for file in files_of(house, case)
        for path in addresses_of_a_case(app, {**values, "file_id": file.id})
        for end in ("", "?look=1&size=3200")
    ]
    assert any("/files/" in path for path in asked)
    for path in dict.fromkeys(asked):
        page = lawyer.get(path)
        held = [page.data, *(data for _, data in pictures(page))]
        assert not any(b"PLANTED-IN-A-FILE" in data for data in held), path
        assert base64.b64encode(planted)[4:40] not in page.data, path
        sources = re.search("img-src ([^;]*)", page.headers["Content-Security-Policy"])[1]
        assert set(sources.split()) <= {"'self'", "data:"}, path


def addresses_of_a_case(app, values):
    """Every page of a case that can be asked for."""
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if "GET" in rule.methods and "case_id" in rule.arguments <= values.keys():
                yield adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments})


# --- one word for one thing ----------------------------------------------------------------------


def test_a_copy_says_that_it_is_one_wherever_it_is_named(house, lawyer, attach):
    case = attach(("a.jpg", picture()), keep="both")
    copy, original = sorted(files_of(house, case), key=lambda file: file.parent is None)
    assert text(lawyer.get(f"{case}?lang=en")).count("Cleaned copy: a.jpg") == 1
    page = text(lawyer.get(f"{case}/files/{copy.id}?lang=en"))
    assert page.count("Cleaned copy: a.jpg") == 1
    assert "File before: a.jpg" in page
    assert "Next file: Cleaned copy: a.jpg" in text(
        lawyer.get(f"{case}/files/{original.id}?lang=en")
    )


def test_page_saved_file_and_access_log_call_a_file_by_one_number(house, lawyer, attach):
    case = attach(("a", b"abc"))
    number = files_of(house, case)[0].id[:8]
    page = lawyer.get(only(house, case) + "?lang=en")
    assert f"Number of the file in the access log {number}" in text(page)
    saved = lawyer.post(f"{only(house, case)}/download")
    assert f"file-{number}." in saved.headers["Content-Disposition"]


def test_a_printed_page_names_its_case_and_keeps_the_mark_of_an_investigation(
    house, lawyer, attach
):
    case = attach(("a.jpg", picture()), case="yes")
    page = lawyer.get(only(house, case) + "?lang=en")
    assert re.search(r'<p class="printed">Case [A-Z0-9]{4}-[A-Z0-9]{4}, printed on', page.text)
    assert 'class="notice claim">This is from the file of an investigation' in page.text


# --- which cases have new ones -------------------------------------------------------------------


def row(lawyer, case):
    """What the list of cases says of one case."""
    (found,) = [
        row
        for row in re.findall(r"<tr>.*?</tr>", lawyer.get("/staff/cases?lang=en").text, re.DOTALL)
        if f'href="{case}"' in row
    ]
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", found))


def test_the_list_says_which_cases_have_new_files_until_they_are_opened(lawyer, attach):
    case = attach(("a", b"abc"), ("b", b"defg"))
    assert "new files: 2" in row(lawyer, case)
    lawyer.get(case)
    assert "new files" not in row(lawyer, case)


def test_a_file_that_comes_long_after_its_packet_is_new_when_it_is_here(
    house, lawyer, attach, monkeypatch
):
    with monkeypatch.context() as held:
        held.setattr(arrived, "_store", lambda *_: False)
        case = attach(("film", b"abc"))
    assert "new files" not in row(lawyer, case)
    assert "has not arrived yet" in text(lawyer.get(f"{case}?lang=en"))
    house.collect()
    assert "new files: 1" in row(lawyer, case)
    assert "unread" not in row(lawyer, case)
