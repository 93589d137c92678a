"""What was typed into the search, read as words, as a number, and as a phone number."""

import re
from dataclasses import dataclass

import phonenumbers
from django.db import connection

from contacts.phones import DEFAULT_REGION

LONGEST_TEXT = 200
MOST_WORDS = 8
FEWEST_LETTERS = 2
FEWEST_DIGITS = 4  # of something that is searched as a phone number
NUMBER = re.compile(r"(?:([A-Z])\s?[-#]?|#)?([0-9]{1,18})", re.IGNORECASE)
PHONE = re.compile(r"[(+]*[0-9][0-9\s()./-]*")


@dataclass(frozen=True)
class Typed:
    """What is looked for.

    `phrase` and its `words` are folded as the columns are (SQL function
    crm_fold); of the words, those of signs alone are left out. `number` is
    an id, of the kind whose prefix is `prefix`, or of any kind. `is_cut` says
    that there was more than is looked for.
    """

    text: str
    phrase: str = ""
    words: tuple[str, ...] = ()
    prefix: str = ""
    number: int | None = None
    is_cut: bool = False

    @property
    def is_enough(self) -> bool:
        """Say whether there is something to look for: a number, or two letters."""
        return self.number is not None or sum(map(len, self.words)) >= FEWEST_LETTERS

    @property
    def main(self) -> str:
        """The word by which rows are found first: the longest tells most."""
        return max(self.words, key=len)

    def number_for(self, prefix: str) -> int | None:
        """Return the id that is asked for among the rows of `prefix`."""
        return self.number if self.prefix in ("", prefix) else None


def read(text: str) -> Typed:
    """Read what was typed; one query folds it as the columns are folded."""
    whole = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    tidy = whole[:LONGEST_TEXT]
    number = NUMBER.fullmatch(tidy)
    plain = _digits(tidy) if PHONE.fullmatch(tidy) else tidy
    parts = _folded(plain).split()
    words = [word for word in parts if any(c.isalnum() for c in word)]
    return Typed(
        text=tidy,
        phrase=" ".join(parts),
        words=tuple(dict.fromkeys(words[:MOST_WORDS])),
        prefix=(number[1] or "").upper() if number else "",
        number=int(number[2]) if number else None,
        is_cut=len(whole) > LONGEST_TEXT or len(words) > MOST_WORDS,
    )


def _folded(text: str) -> str:
    """Return the text as it is searched: lower case, without accents (SQL function crm_fold)."""
    if not text:
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT crm_fold(%s)", [text])
        return str(cursor.fetchone()[0])


def _digits(text: str) -> str:
    """Return the part of a phone number that every spelling of it contains.

    Without the country's code, for a number may have been kept without it, and
    without the zeros that are dialled before a number and not kept.
    """
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) < FEWEST_DIGITS:
        return text
    international = re.sub(r"^00", "+", re.sub(r"[^0-9+]", "", text))
    if international.startswith("+"):
        try:
            return str(phonenumbers.parse(international, DEFAULT_REGION).national_number)
        except phonenumbers.NumberParseException:
            pass
    return digits.lstrip("0") or digits
