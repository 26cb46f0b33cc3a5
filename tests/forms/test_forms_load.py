"""Forms as data: what stands in the files, and every slip in them stops the start by name."""

from __future__ import annotations

import json
import shutil
import tomllib

import pytest

from vault.errors import SettingError, UnknownFormError
from vault.forms import load, model, modules
from vault.forms.codes import load_codes
from vault.resources import resource

DOMAIN_ORDER = (
    "victim relative death witness child institution medic military lawyer refoul followup"
).split()


@pytest.fixture(scope="module")
def forms():
    return load.load_forms()


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(resource("intake_forms"), tmp_path / "intake_forms")


def edit(directory, name, old, new):
    path = directory / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_all_eleven_forms_stand_in_the_order_of_the_page(forms):
    assert list(forms.ids) == DOMAIN_ORDER


def test_an_unknown_form_is_refused_without_repeating_what_was_typed(forms):
    with pytest.raises(UnknownFormError) as caught:
        forms.get("../victim")
    assert "victim" not in str(caught.value)


@pytest.mark.parametrize("form_id", DOMAIN_ORDER)
def test_the_first_page_asks_for_the_story_and_two_consents(forms, form_id):
    fields = model.first_page(forms.get(form_id))
    assert [field.id for field in fields] == ["story", "consent.C01", "consent.C02"]


@pytest.mark.parametrize("form_id", DOMAIN_ORDER)
def test_only_keeping_the_account_is_required(forms, form_id):
    assert [field.id for field in forms.get(form_id).required] == ["consent.C01"]


def test_body_and_health_are_medical(forms):
    medical = {f.id for f in forms.get("victim").fields if f.compartment == "medical"}
    assert medical == {
        "injury",
        "body_map",
        "symptoms_now",
        "doctor_seen",
        "doctor_seen_when",
        "doctor_wrote_it",
        "help_refused",
        "intimate",
        "wants_doctor",
    }


def test_the_envelope_and_names_of_others_are_identity(forms):
    by_id = {i: f for form in forms.forms for i, f in form.by_id.items()}
    identity = {i for i, f in by_id.items() if f.compartment == "identity"}
    assert {i for i in identity if not i.startswith("identity.person")} == {
        "people.name",
        "people.name_source",
        "people.name_certainty",
        "others_names",
        *(f"others_names.{part}" for part in ("name", "source", "certainty")),
        "remedy_steps.number",
        "unit",
    }
    assert {
        "identity.person.name",
        "identity.person.born",
        "identity.person.duress_word",
    } < identity
    assert by_id["identity.given"].compartment == "account"


def test_a_child_is_shown_no_body_map_and_no_list_of_methods(forms):
    child = forms.get("child").by_id
    assert not {"body_map", "body_map.part", "methods_named_by_person"} & child.keys()
    assert {"consent.child_assent", "consent.guardian", "injury"} <= child.keys()


def test_no_form_that_a_child_may_take_has_the_body_map(forms):
    for form in forms.offered_to("child"):
        assert not {"body_map", "methods_named_by_person"} & form.by_id.keys(), form.id


def test_the_list_of_methods_is_offered_to_the_person_alone(forms):
    offered = [form.id for form in forms.forms if "methods_named_by_person" in form.by_id]
    assert offered == ["victim"]


def test_nobody_is_asked_what_they_did_at_a_protest(forms):
    asked = {one.id: one for form in forms.forms for one in form.by_id.values()}
    codes, lists = load_codes(), {one.code_list for one in asked.values() if one.code_list}
    offered = {f"{name}.{one.code} {one.labels}" for name in lists for one in codes.codes(name)}
    protest = ("protest", "rally", "митинг", "протест", "шеру", "наразылық")
    assert not [one for one in {*asked, *offered} if any(word in one for word in protest)]


def test_whoever_writes_of_their_own_body_is_not_offered_that_the_person_died(forms):
    assert "death" not in forms.get("victim").by_id["injury"].codes


def test_a_follow_up_is_offered_to_holders_of_a_receipt_alone(forms):
    assert [form.id for form in forms.offered_to("receipt_holder")] == ["followup"]
    assert "victim" not in [form.id for form in forms.offered_to("child")]


def test_the_receipt_is_the_one_answer_that_is_not_kept(forms):
    thrown = {f.id for form in forms.forms for f in form.by_id.values() if not f.kept}
    assert thrown == {"receipt"}


def test_dotted_fields_of_several_modules_are_gathered_in_one_object(forms):
    consent = forms.get("child").by_name["consent"]
    assert consent.type == "object"
    assert {"C01", "C18", "guardian"} <= consent.by_name.keys()


def test_a_form_leaves_out_sub_fields_too(forms):
    assert "name" not in forms.get("child").by_name["events"].by_name
    assert "name" in forms.get("victim").by_name["events"].by_name


def test_pages_leave_out_what_the_first_page_asks_and_what_nobody_is_asked(forms):
    for form in forms.ready:
        asked = {f.id for module in form.pages for field in module.asked for f in field.walk()}
        assert "story" in asked
        assert not asked & {"consent.C01", "consent.C02", "identity.given"}
        assert "before" not in [module.name for module in form.pages]
        (facts,) = (f for m in form.pages for f in m.asked if f.id == "facts")
        assert [part.name for part in facts.asked] == ["text", "source", "certainty"]


def test_every_name_of_somebody_else_has_a_source_and_a_certainty_beside_it(forms):
    named = {
        f.id: {part.id for part in top.fields}
        for form in forms.forms
        for top in form.by_id.values()
        for f in top.fields
        if f.type == "text" and f.name == "name" and f.compartment == "identity" and top.limit
    }
    assert named.keys() == {"people.name", "others_names.name"}
    assert {"people.name_source", "people.name_certainty"} <= named["people.name"]
    assert {"others_names.source", "others_names.certainty"} <= named["others_names.name"]


FACTS = ("facts", "events", "people", "court", "death")


def test_every_fact_has_a_source_and_a_certainty_beside_it(forms):
    by_id = {i: f for form in forms.forms if form.id != "child" for i, f in form.by_id.items()}
    lists = {"source": "knowledge_source", "certainty": "certainty"}
    for fact in FACTS:
        for part, name in lists.items():
            assert by_id[f"{fact}.{part}"].code_list == name
            assert by_id[f"{fact}.{part}"].on_page


def test_names_of_others_and_the_list_of_methods_are_closed_until_opened(forms):
    asked = forms.get("victim").by_id
    folded = {i: f.folded for i, f in asked.items() if f.folded and not i.startswith("consent.")}
    assert folded == {
        "people.name": "names",
        "people.name_source": "names",
        "people.name_certainty": "names",
        "others_names": "names",
        "methods_named_by_person": "methods",
        **dict.fromkeys(
            (f"identity.person.name_{kind}" for kind in ("kk", "ru", "latin", "variants")),
            "spellings",
        ),
    }


def test_who_may_read_is_asked_openly_and_what_may_go_out_is_closed_until_opened(forms):
    asked = {i: f for i, f in forms.get("victim").by_id.items() if i.startswith("consent.C")}
    open_ones = [i for i, f in asked.items() if f.on_page and not f.folded]
    assert open_ones == ["consent.C03", "consent.C04", "consent.C05", "consent.C06"]
    assert {f.folded for f in asked.values()} == {None, "onward", "later"}


def test_a_table_of_fields_holds_tables_and_a_list_holds_fields(copy):
    path = copy / "modules" / "witness.toml"
    for inside, named in (
        ("[1]", "a field is a table"),
        ('[{id = "x", type = "list", compartment = "account"}]', "needs fields"),
    ):
        path.write_text(f'id = "MW"\nfields = {inside}\n', "utf-8")
        with pytest.raises(SettingError, match=named):
            load.load_forms(copy)


def test_pages_about_the_body_begin_with_a_warning(forms):
    careful = {module.name for form in forms.forms for module in form.modules if module.careful}
    assert careful == {"health", "death", "body"}


def test_the_forms_that_are_ready(forms):
    ready = list(DOMAIN_ORDER)
    assert [one.id for one in forms.ready] == ready


def test_every_form_is_offered_under_one_heading_in_the_order_of_the_headings(forms):
    grouped = dict(forms.grouped)
    assert tuple(grouped) == model.GROUPS
    assert sorted(f.id for group in grouped.values() for f in group) == sorted(
        f.id for f in forms.ready
    )


def test_forms_for_those_who_read_slowly_ask_in_easy_words(forms):
    assert {form.id for form in forms.forms if form.words == "easy"} == {"child", "institution"}


# --- the schema says the same as the loader ------------------------------------------------------

SCHEMA = json.loads((resource("intake_forms") / "schema.json").read_text("utf-8"))["$defs"]


@pytest.mark.parametrize(
    ("kind", "needed", "optional"),
    [
        ("form", load.FORM_KEYS, load.FORM_OPTIONAL),
        ("module", modules.MODULE_KEYS, modules.MODULE_OPTIONAL),
        ("field", modules.FIELD_KEYS, modules.FIELD_OPTIONAL),
    ],
)
def test_schema_and_loader_know_the_same_keys(kind, needed, optional):
    assert set(SCHEMA[kind]["required"]) == needed.keys()
    assert SCHEMA[kind]["properties"].keys() == {**needed, **optional}.keys()
    assert SCHEMA[kind]["additionalProperties"] is False


def test_schema_and_loader_know_the_same_words():
    field, form = SCHEMA["field"]["properties"], SCHEMA["form"]["properties"]
    assert tuple(field["type"]["enum"]) == model.FIELD_TYPES
    assert tuple(field["compartment"]["enum"]) == model.COMPARTMENTS
    assert tuple(field["identifies"]["enum"]) == model.IDENTIFIES
    assert tuple(form["offered_to"]["items"]["enum"]) == model.AUDIENCES


def conforms(kind, table):
    """Say whether `table` has exactly the keys and words that the schema names."""
    schema = SCHEMA[kind]
    if not set(schema["required"]) <= table.keys() <= schema["properties"].keys():
        return False
    words = (
        table[key] in spec["enum"]
        for key, spec in schema["properties"].items()
        if key in table and "enum" in spec
    )
    return all(words) and all(conforms("field", field) for field in table.get("fields", []))


@pytest.mark.parametrize(
    "path", sorted(resource("intake_forms").glob("*s/*.toml")), ids=lambda path: path.name
)
def test_every_file_has_the_shape_of_the_schema(path):
    table = tomllib.loads(path.read_text("utf-8"))
    kind = path.parent.name.removesuffix("s")
    assert conforms(kind, table)
    assert not conforms(kind, {**table, "surprise": 1})


# --- slips -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "named"),
    [
        ("forms/victim.toml", "version = 1", "verson = 1", r"victim\.toml: version is missing"),
        ("forms/victim.toml", "order = 1", 'order = 1\ncolour = "red"', ":5: unknown key colour"),
        ("forms/victim.toml", "version = 1", 'version = "1"', "version must be a whole number"),
        ("forms/victim.toml", "version = 1", "version = true", "version must be a whole number"),
        ("forms/victim.toml", "version = 1", "version = 0", "version starts at 1"),
        ("forms/victim.toml", 'id = "victim"', 'id = "wictim"', "id must be victim"),
        ("forms/victim.toml", '["adult"]', '["anyone"]', "offered_to knows adult"),
        ("forms/victim.toml", '["adult"]', "[1]", "offered_to is a list of names"),
        ("forms/victim.toml", '["adult"]', '["child"]', "a child, it may have no body map"),
        ("forms/victim.toml", '"M3"', '"M33"', r"victim\.toml:8: there is no module M33"),
        ("forms/victim.toml", '"M3"', '"M2"', "the module M2 stands twice"),
        ("forms/victim.toml", '"M2", ', "", "the field story is missing"),
        ("forms/victim.toml", "order = 1", "order = 2", "two forms have the same order"),
        ("forms/victim.toml", "id =", "id", r"victim\.toml:2: cannot be read"),
        ("forms/child.toml", '"filmed"', '"filmd"', "unknown field filmd"),
        ("modules/risk.toml", 'id = "risk_when"', 'id = "risk"', "the field risk stands twice"),
        ("modules/risk.toml", 'id = "risk"', 'id = "story"', "the field story stands twice"),
        ("modules/risk.toml", 'id = "risk"', 'id = "consent"', "consent is both a field and"),
        ("modules/risk.toml", 'id = "risk"', 'id = "ri sk"', "letters, digits and _"),
        ("modules/risk.toml", 'id = "risk"', 'id = "a.b.c"', "letters, digits and _"),
        ("modules/risk.toml", 'id = "M10"', 'id = "M11"', "the module M11 stands in two files"),
        (
            "modules/risk.toml",
            'list = "risk"',
            'list = "risks"',
            r"risk\.toml:8: risk: there is no code list risks",
        ),
        (
            "modules/risk.toml",
            'list = "risk"',
            'list = "article"',
            "risk: the code list article is for staff",
        ),
        (
            "code_lists.json",
            '"Маған жасалды / өзім сездім"',
            '""',
            "the code list knowledge_source lacks a label in some language",
        ),
        ("modules/risk.toml", '"account"', '"acount"', "compartment must be one of account"),
        ("modules/risk.toml", 'compartment = "account"\n', "", "risk: compartment is missing"),
        ("modules/risk.toml", '"yes"', '"maybe"', "identifies must be one of partly, no, yes"),
        ("modules/risk.toml", '"yes"', '"no"\nstatistics = true', "statistics does not go with"),
        ("modules/safety.toml", '"no"', '"yes"', "safe_now: statistics may not use what says who"),
        (
            "modules/body.toml",
            'id = "then"',
            'id = "before"',
            "drawn needs the fields then and now",
        ),
        ("modules/risk.toml", 'list = "risk"', "ordered = true", "ordered does not go with type"),
        ("modules/health.toml", "{ doctor_seen =", "{ doctor =", "unknown question doctor"),
        ("modules/health.toml", "{ doctor_seen =", "{ symptoms_now =", "unknown question sympt"),
        ("modules/health.toml", '"custody_doctor"', '"nurse"', "doctor_seen has no answer nurse"),
        (
            "modules/health.toml",
            '["custody_doctor", "hospital", "own_doctor"]',
            "[]",
            "its answers",
        ),
        (
            "modules/health.toml",
            "only_if = {",
            "only_if = { x = [], ",
            "names one field with a list",
        ),
        ("modules/complaints.toml", "{ step =", "{ why_not =", "unknown question why_not"),
        ("modules/risk.toml", '"codes"', '"checkbox"', "type checkbox is not one of"),
        ("modules/risk.toml", '"codes"', '"text"', "list does not go with type text"),
        ("modules/risk.toml", "limit = 2000", "limit = 0", "limit must be at least 1"),
        ("modules/risk.toml", "limit = 2000", "required = true", "required does not go with"),
        ("modules/people.toml", '"list"', '"text"', "fields does not go with type text"),
        ("modules/people.toml", '= "name_source"', '= "nothing"', "name: needs an unknown"),
        ("modules/people.toml", 'list = "involvement"', 'needs = "x"', "needs does not go with"),
        (
            "modules/others.toml",
            'needs = "source"',
            'needs = "others_there"',
            r"others\.toml:[0-9]+: others_names.name: needs an unknown field others_there",
        ),
        ("modules/risk.toml", "limit = 2000", 'limit = 2000\nneeds = "risk"', "needs an unknown"),
        ("modules/consent.toml", "{ C09 =", "{ C90 =", "unknown question C90"),
        ("forms/military.toml", "MR = { service", "MZ = { service", "no page comes before MZ"),
        ("forms/military.toml", "service_type =", "relation =", "before MR does not ask relation"),
        ("forms/military.toml", '["family"]', '["aunt"]', "service_type has no answer aunt"),
        ("forms/military.toml", '["family"]', "[]", "names one field with a list"),
        ("forms/military.toml", "{ MR", "{ M1 = { a = ['b'] }, MR", "no page comes before M1"),
        ("modules/identity.toml", '"identity.person"', '"nothing"', "given: tells of an unknown"),
        ("modules/risk.toml", 'list = "risk"', 'tells_of = "x"', "tells_of does not go with"),
        ("modules/people.toml", 'id = "agency"', 'id = "masked"', "people.masked stands twice"),
        ("modules/people.toml", 'id = "agency"', 'id = "a.b"', "letters, digits and _"),
        ("modules/witness.toml", "[[fields]]\n", "fields = [1]\n[x]\n", "unknown key x"),
        ("code_lists.json", '"lists"', '"list"', "expected the keys note and lists"),
        ("code_lists.json", '"felt"', '"saw"', "knowledge_source has the code saw twice"),
        ("code_lists.json", '"felt"', '""', "knowledge_source has an entry without a code"),
        ("code_lists.json", '"esf"', '"efs"', "knowledge_source.felt has the unknown key efs"),
        ("code_lists.json", '"010101"', "1", "knowledge_source.felt has a value that is no text"),
        ("code_lists.json", '"It was done to me / I felt it"', '""', "has no English label"),
        ("code_lists.json", '"esf": "010101"', '"en": "x"', "a key stands twice in one object"),
        ("code_lists.json", "{", "", r"code_lists\.json:[0-9]+: cannot be read"),
    ],
)
def test_a_slip_in_a_file_stops_the_start_and_is_named(copy, name, old, new, named):
    edit(copy, name, old, new)
    with pytest.raises(SettingError, match=named):
        load.load_forms(copy)


def test_a_slip_is_named_with_its_line(copy):
    edit(copy, "modules/people.toml", 'list = "agency"', 'list = "agencies"')
    text = (copy / "modules" / "people.toml").read_text("utf-8").splitlines()
    line = text.index('  list = "agencies"') + 1
    named = rf"people\.toml:{line}: agency: there is no code list agencies"
    with pytest.raises(SettingError, match=named):
        load.load_forms(copy)


def test_nothing_that_says_who_somebody_is_and_no_text_may_be_counted(forms):
    for form in forms.forms:
        for field in form.by_id.values():
            if field.statistics:
                assert field.identifies != "yes"
                assert field.compartment != "identity"
                assert field.type not in {"text", "list", "object"}


def test_whatever_lies_in_the_envelope_says_who_somebody_is(forms):
    leaves = [f for form in forms.forms for f in form.by_id.values() if not f.fields]
    assert {f.id for f in leaves if f.compartment == "identity" and f.identifies != "yes"} == set()


def test_a_missing_file_of_code_lists_stops_the_start(copy):
    (copy / "code_lists.json").unlink()
    with pytest.raises(SettingError, match=r"code_lists\.json cannot be read"):
        load.load_forms(copy)


def test_a_new_field_needs_nothing_but_its_lines_in_a_module(copy):
    with (copy / "modules" / "risk.toml").open("a") as file:
        file.write('\n[[fields]]\nid = "new_one"\ntype = "yes_no"\ncompartment = "account"\n')
    assert "new_one" in load.load_forms(copy).get("victim").by_id
