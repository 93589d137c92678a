"""How a letter begins (Business Central R217, as amended)."""

import pytest

from contacts.models import Contact
from contacts.salutations import FORMULAS, KINDS, LANGUAGES, salutation


def person(code: str, **names: str) -> Contact:
    """Return an unsaved person."""
    return Contact(kind="person", salutation=code, **names)


KARI = {"name": "Kari Nordmann", "first_name": "Kari", "surname": "Nordmann"}


@pytest.mark.parametrize(
    ("language", "kind", "code", "words"),
    [
        ("en", "formal", "ms", "Dear Ms Nordmann,"),
        ("en", "formal", "mr", "Dear Mr Nordmann,"),
        ("en", "formal", "neutral", "Dear Kari Nordmann,"),
        ("en", "informal", "ms", "Hi Kari,"),
        ("nb", "formal", "ms", "Kjære fru Nordmann,"),
        ("nb", "formal", "mr", "Kjære herr Nordmann,"),
        ("nb", "formal", "neutral", "Kjære Kari Nordmann,"),
        ("nb", "informal", "neutral", "Hei Kari,"),
    ],
)
def test_r217_by_language_kind_and_salutation(
    language: str, kind: str, code: str, words: str
) -> None:
    assert salutation(person(code, **KARI), language=language, kind=kind) == words


def test_r217_a_missing_name_is_made_up_for_by_the_whole_one() -> None:
    assert salutation(person("ms", name="Kari", first_name="Kari"), language="en") == "Dear Kari,"
    assert salutation(person("mr", name="Ola"), language="nb", kind="informal") == "Hei Ola,"


@pytest.mark.parametrize(
    ("language", "kind", "words"),
    [
        ("en", "formal", "Dear Sir or Madam,"),
        ("en", "informal", "Hello,"),
        ("nb", "formal", "Til rette vedkommende,"),
        ("nb", "informal", "Hei,"),
    ],
)
def test_r217_a_company_is_addressed_without_a_name(language: str, kind: str, words: str) -> None:
    company = Contact(kind="company", name="Fjord AS")

    assert salutation(company, language=language, kind=kind) == words


def test_r217_every_language_kind_and_salutation_has_a_formula() -> None:
    codes = {*Contact.Salutation.values, ""}

    assert {key: set(found) for key, found in FORMULAS.items()} == {
        (language, kind): codes for language in LANGUAGES for kind in KINDS
    }


def test_r217_where_there_is_none_the_error_names_kind_language_and_contact() -> None:
    contact = person("ms", **KARI)
    contact.pk = 17

    with pytest.raises(LookupError, match=r"no formal salutation in 'fr' for C17"):
        salutation(contact, language="fr")


def test_braces_in_a_name_are_text() -> None:
    assert salutation(person("ms", name="{x}", surname="{name}"), language="en") == (
        "Dear Ms {name},"
    )
