"""A page sent twice is one testimony with the same words."""


def test_reloading_the_words_shows_the_same_words_and_makes_one_case(witness, member):
    officer, teller, later = member("intake_officer"), witness(), witness()
    known = officer.listed("new")
    words = teller.tell("victim", "Один раз.")
    teller.page.reload()
    assert teller.shown_words() == words
    assert "один раз" in teller.page.inner_text("main")
    teller.confirm(words)
    assert _new_codes(officer, known, later) == 1


def test_a_double_click_on_send_makes_one_case(witness, member):
    officer, teller, later = member("intake_officer"), witness("en"), witness()
    known = officer.listed("new")
    teller.page.goto(f"{teller.address}/tell/victim?lang=en")
    teller.write("Twice pressed.")
    teller.page.dblclick("main button")
    words = teller.shown_words()
    teller.page.reload()
    assert teller.shown_words() == words
    assert _new_codes(officer, known, later) == 1


def test_somebody_who_did_not_keep_a_word_is_shown_all_of_them_again(witness):
    teller = witness("en")
    words = teller.tell("victim", "Forgotten.")
    teller.confirm(["x"] * 12)
    assert "Word 3 does not match" in teller.page.inner_text("main")
    teller.page.click('form[action*="/words"] button')
    assert teller.shown_words() == words


def _new_codes(officer, known, later):
    """Count new cases before a last one; packets are taken in the order of their slots."""
    officer.wait_for_new(known)
    before = officer.listed("new")
    later.tell("victim", "Последний.")
    officer.wait_for_new(before)
    return len(officer.listed("new").keys() - known.keys()) - 1
