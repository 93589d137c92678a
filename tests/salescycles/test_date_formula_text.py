"""Date formulas as they are typed, stored, shown and told (Business Central R241, R245)."""

import pytest
from django.utils.translation import override
from hypothesis import example, given
from hypothesis import strategies as st

from salescycles.date_formula import (
    LETTERS,
    STORAGE_LETTERS,
    DateFormula,
    DateFormulaError,
    Shift,
    Unit,
)
from tests.salescycles.strategies import formulas

LANGUAGES = ("en", "nb")


@given(formulas())
@example(DateFormula.parse("CM+10D"))
def test_r245_the_form_of_storage_reads_back(formula: DateFormula) -> None:
    assert DateFormula.parse(str(formula)) == formula


@pytest.mark.parametrize("language", LANGUAGES)
@given(formula=formulas())
def test_r245_what_a_language_shows_it_reads_back(language: str, formula: DateFormula) -> None:
    assert DateFormula.parse(formula.localized(language), language) == formula


@pytest.mark.parametrize("language", LANGUAGES)
@given(formula=formulas())
def test_r245_english_letters_are_read_in_every_language(
    language: str, formula: DateFormula
) -> None:
    assert DateFormula.parse(str(formula), language) == formula


def test_r245_no_letter_means_two_things() -> None:
    meanings = {(typed, stored) for own in LETTERS.values() for stored, typed in own.items()}
    meanings |= set(STORAGE_LETTERS.items())
    typed = [letter for letter, _ in meanings]
    assert len(typed) == len(set(typed))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("10D", "10D"),
        ("2U+1D", "2W+1D"),
        ("1K", "1Q"),
        ("-1Å", "-1Y"),
        ("UD4", "WD4"),
        ("NM+10D", "CM+10D"),
        ("-NÅ", "-CY"),
        ("nu", "CW"),
        ("cå", "CY"),
        ("1a\N{COMBINING RING ABOVE}", "1Y"),
    ],
)
def test_r245_norwegian_letters(typed: str, stored: str) -> None:
    assert str(DateFormula.parse(typed, "nb")) == stored
    assert str(DateFormula.parse(typed, "nb-no")) == stored


def test_r245_norwegian_letters_are_not_read_from_storage() -> None:
    for typed in ("2U", "1K", "1Å", "NM"):
        with pytest.raises(DateFormulaError):
            DateFormula.parse(typed)


def test_r245_localized() -> None:
    formula = DateFormula.parse("CM+1Q-2W+WD4-1Y")
    assert formula.localized("nb") == "NM+1K-2U+UD4-1Å"
    assert formula.localized("en-gb") == "CM+1Q-2W+WD4-1Y"
    assert formula.localized(None) == "CM+1Q-2W+WD4-1Y"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("cm+10d", "CM+10D"),
        (" 1 w - 2 d ", "1W-2D"),
        ("1W\N{MINUS SIGN}2D", "1W-2D"),
        ("1W\N{EN DASH}2D", "1W-2D"),
        ("\N{MINUS SIGN}1Y", "-1Y"),
        ("1W\N{NO-BREAK SPACE}+\N{NO-BREAK SPACE}1D", "1W+1D"),
        ("+1M", "1M"),
        ("007D", "7D"),
        ("wd04", "WD4"),
    ],
)
def test_case_blanks_and_dashes_do_not_matter(typed: str, stored: str) -> None:
    assert str(DateFormula.parse(typed)) == stored


NOT_A_TERM = (
    " is not a term of a date formula. Write for example 10D, 2W, 1M, CM, D10 or WD4, "
    "joined by + or -."
)
NO_UNIT = " has no unit. Write for example 10D, 2W or 1M."
NO_NUMBER = " has no number. Write for example 10D, D10, WD4 or CM."
MISSING = "A term is missing beside + or -. Write for example 2W+1D."
BEHIND = "Only D and WD stand before a number: D10 is the next 10th, WD4 Thursday."
DAY_OF_MONTH = "A day of a month is 1 to 31, for example D10."
WEEKDAY = "A weekday is 1 (Monday) to 7 (Sunday), for example WD4."
TOO_LONG = "A date formula has at most 20 characters, for example CM+10D."


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("+", MISSING),
        ("1D+", MISSING),
        ("1D++2W", MISSING),
        ("--1D", MISSING),
        ("10", "“10”" + NO_UNIT),
        ("1W+2", "“2”" + NO_UNIT),
        ("D", "“D”" + NO_NUMBER),
        ("WD", "“WD”" + NO_NUMBER),
        ("soon", "“soon”" + NOT_A_TERM),
        ("C", "“C”" + NOT_A_TERM),
        ("1C", "“1C”" + NOT_A_TERM),
        ("CC", "“CC”" + NOT_A_TERM),
        ("1D2W", "“1D2W”" + NOT_A_TERM),
        ("1D2", "“1D2”" + NOT_A_TERM),
        ("1CM", "“1CM”" + NOT_A_TERM),
        ("1.5D", "“1.5D”" + NOT_A_TERM),
        ("<1M>", "“<1M>”" + NOT_A_TERM),
        ("1\x00D", "“1\x00D”" + NOT_A_TERM),
        ("\N{ARABIC-INDIC DIGIT THREE}D", "“\N{ARABIC-INDIC DIGIT THREE}D”" + NOT_A_TERM),
        ("M3", BEHIND),
        ("W10", BEHIND),
        ("Y2027", BEHIND),
        ("D0", DAY_OF_MONTH),
        ("D32", DAY_OF_MONTH),
        ("WD0", WEEKDAY),
        ("WD8", WEEKDAY),
        ("3WD", "A number stands before D, W, M, Q or Y. For a weekday write for example WD4."),
        ("CWD", "C stands before D, W, M, Q or Y. For a weekday write for example WD4."),
        ("0D", "A number of 0 changes nothing. Leave the formula blank for the same day."),
        ("10000D", "A number is at most 9999, for example 30D or 6M."),
        ("1D+1D+1D+1D+1D+1D+10D", TOO_LONG),
        ("9" * 5000, TOO_LONG),
    ],
)
def test_r241_what_is_not_a_formula_is_refused_with_its_reason(typed: str, sentence: str) -> None:
    with pytest.raises(DateFormulaError) as refusal:
        DateFormula.parse(typed)
    assert str(refusal.value) == sentence


@given(
    st.text(alphabet="0123456789DWMQYCUKÅN+-− dwkx\x00<", max_size=24), st.sampled_from(LANGUAGES)
)
def test_any_text_is_either_a_formula_or_refused(text: str, language: str) -> None:
    try:
        formula = DateFormula.parse(text, language)
    except DateFormulaError:
        return
    assert DateFormula.parse(str(formula)) == formula


def test_r241_twenty_characters_are_the_most() -> None:
    longest = "1D+1D+1D+1D+1D+1D+1D"
    assert (len(longest), str(DateFormula.parse(longest))) == (20, longest)
    assert DateFormula.parse("+ 1D + 1D + 1D + 1D + 1D + 1D + 1D") == DateFormula.parse(longest)
    with pytest.raises(DateFormulaError):
        DateFormula((Shift(9999, Unit.DAY),) * 4)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("", "the same day"),
        ("CD", "the same day"),
        ("1D", "1 day"),
        ("2W-2D", "2 weeks minus 2 days"),
        ("2W+1D", "2 weeks plus 1 day"),
        ("1M", "1 month"),
        ("2Q", "2 quarters"),
        ("-1Y", "1 year earlier"),
        ("CM+10D", "the end of the month plus 10 days"),
        ("-CQ", "the beginning of the quarter"),
        ("1M+CM", "1 month, then the end of the month"),
        ("WD4", "the next Thursday"),
        ("-WD1", "the previous Monday"),
        ("D1", "the next 1st of a month"),
        ("D2", "the next 2nd of a month"),
        ("D3", "the next 3rd of a month"),
        ("D10", "the next 10th of a month"),
        ("D12", "the next 12th of a month"),
        ("-D31", "the previous 31st of a month"),
        ("CW+WD1", "the end of the week, then the next Monday"),
        ("CY-1W", "the end of the year minus 1 week"),
    ],
)
def test_in_words(formula: str, words: str) -> None:
    assert DateFormula.parse(formula).in_words() == words
    with override("nb"):
        assert DateFormula.parse(formula).in_words("en") == words
