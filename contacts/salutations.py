"""How a letter begins (Business Central R217, as amended: by language and kind, without codes)."""

from dataclasses import dataclass

from contacts.models import Contact

FORMAL, INFORMAL = "formal", "informal"
KINDS = (FORMAL, INFORMAL)
LANGUAGES = ("en", "nb")


@dataclass(frozen=True)
class Formula:
    """Words with up to five names in them, and what to say where one of these is missing."""

    words: str
    otherwise: str


# By language and kind, then by the contact's salutation; "" is a company, or nobody in particular.
FORMULAS: dict[tuple[str, str], dict[str, Formula]] = {
    ("en", FORMAL): {
        "ms": Formula("Dear Ms {surname},", "Dear {name},"),
        "mr": Formula("Dear Mr {surname},", "Dear {name},"),
        "neutral": Formula("Dear {first_name} {surname},", "Dear {name},"),
        "": Formula("Dear Sir or Madam,", "Dear Sir or Madam,"),
    },
    ("en", INFORMAL): {
        "ms": Formula("Hi {first_name},", "Hi {name},"),
        "mr": Formula("Hi {first_name},", "Hi {name},"),
        "neutral": Formula("Hi {first_name},", "Hi {name},"),
        "": Formula("Hello,", "Hello,"),
    },
    ("nb", FORMAL): {
        "ms": Formula("Kjære fru {surname},", "Kjære {name},"),
        "mr": Formula("Kjære herr {surname},", "Kjære {name},"),
        "neutral": Formula("Kjære {first_name} {surname},", "Kjære {name},"),
        "": Formula("Til rette vedkommende,", "Til rette vedkommende,"),
    },
    ("nb", INFORMAL): {
        "ms": Formula("Hei {first_name},", "Hei {name},"),
        "mr": Formula("Hei {first_name},", "Hei {name},"),
        "neutral": Formula("Hei {first_name},", "Hei {name},"),
        "": Formula("Hei,", "Hei,"),
    },
}


def salutation(contact: Contact, *, language: str, kind: str = FORMAL) -> str:
    """Return how to address a contact; a company is addressed without a name (R217).

    Raises LookupError, naming kind, language and contact, where there is no formula.
    """
    code = "" if contact.is_company else contact.salutation
    formula = FORMULAS.get((language, kind), {}).get(code)
    if formula is None:
        raise LookupError(f"no {kind} salutation in {language!r} for {contact.number}")
    names = {
        "name": contact.name,
        "first_name": contact.first_name,
        "middle_name": contact.middle_name,
        "surname": contact.surname,
        "job_title": contact.job_title,
    }
    is_whole = all(value for name, value in names.items() if f"{{{name}}}" in formula.words)
    return (formula.words if is_whole else formula.otherwise).format(**names)
