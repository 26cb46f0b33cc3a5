"""Where a text seems to say who wrote it: found in three languages, and other words left alone."""

import time

import pytest

from vault.forms.naming import MOST, found


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Hello. My name is Aru. I saw", "My name is Aru"),
        ("I'm called Aru", "I'm called Aru"),
        ("I, Aru Test, tell", "I, Aru Test"),
        ("Здравствуйте, меня  зовут Ару, мне", "меня  зовут Ару, мне"),
        ("Зовут меня Ару", "Зовут меня Ару"),
        ("МОЁ ИМЯ АРУ", "МОЁ ИМЯ АРУ"),
        ("Моя фамилия – Тест", "Моя фамилия – Тест"),
        ("Я, Тестов Тест, рассказываю", "Я, Тестов Тест"),
        ("Проживаю по адресу: улица 1", "Проживаю по адресу: улица 1"),
        ("Менің атым Ару.", "Менің атым Ару"),
        ("аты-жөнім: Ару", "аты-жөнім: Ару"),
        ("Менің тегім Тест", "Менің тегім Тест"),
        ("Мен, Ару Тест, айтамын", "Мен, Ару Тест"),
        ("пишите aru.test+1@example.invalid.", "aru.test+1@example.invalid"),
        ("мой телеграм @aru_test там", "@aru_test"),
        ("t.me/aru_test", "t.me/aru_test"),
        ("ИИН 000000000000!", "000000000000"),
        ("000000 000000", "000000 000000"),
        ("+7 (700) 000-00-00", "+7 (700) 000-00-00"),
        ("8 700 000 00 00", "8 700 000 00 00"),
        ("87000000000", "87000000000"),
        ("тел. 700 0000000", "700 0000000"),
        ("+996 555 000 000", "+996 555 000 000"),
    ],
)
def test_who_somebody_is_is_found_word_for_word(text, place):
    assert found([text]) == (place,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Меня зовут на допрос во второй раз.",
        "Его звали, но имени не знаю. Я, конечно, молчал.",
        "Я, мама и брат были дома.",
        "05.01.2022 – 12.02.2022, в 15:40, 100 000 000 тенге, 700 человек",
        "дело 227500121000123, статья 146, протокол № 00-11-22",
        "Менің ат үстінде жүргенім, оның аты белгісіз.",
        "the name of the street, my lawyer",
        "он пришёл @ восемь",
    ],
)
def test_other_words_and_numbers_are_left_alone(text):
    assert found([text]) == ()


def test_every_text_is_looked_at_and_nothing_is_named_twice():
    assert found(["87000000000", "", "a@b.invalid 87000000000"]) == ("87000000000", "a@b.invalid")


def test_no_more_is_named_than_a_page_can_show():
    assert len(found([f"a{number}@b.invalid" for number in range(50)])) == MOST


@pytest.mark.parametrize(
    "piece", ["a", "7 ", "+ ", "@", "a.a@", "мой ", "я, а", "меня зовут ", " "]
)
def test_a_long_hostile_text_is_read_in_time_that_grows_with_its_length(piece):
    begun = time.process_time()
    found([piece * (200_000 // len(piece))])
    assert time.process_time() - begun < 2
