"""Date formulas: a date counted from another date (Business Central R241–R245).

A formula is a row of terms, applied from left to right:

====================  ==========================================================
``10D 2W 1M 1Q 1Y``   a shift by that many days, weeks, months, quarters, years
``D10``               the next 10th of a month; ``-D10`` the previous one
``WD4``               the next Thursday (Monday is 1); ``-WD4`` the previous one
``CD CW CM CQ CY``    the end of the day, week, month, quarter, year; ``-CM`` the
                      beginning of the month
====================  ==========================================================

What R241–R245 leave open is decided like this:

* "Next" and "previous" never mean the day itself: ``WD1`` on a Monday is the Monday
  after. "Either in the future or in the past, not today", says *Programming Microsoft
  Dynamics 365 Business Central* (Studebaker, Brummel) of the product.
* ``D31`` is the next 31st and passes over months without one. The end of a month,
  whatever its length, has a formula of its own (``CM``).
* ``M3``, ``W10``, ``3WD`` and ``CWD`` are refused: R241 gives them no meaning. So is
  ``0D``: the same day is the blank formula.
* A leading plus, blanks, leading zeros and the case of letters do not matter and are
  not stored; the 20 characters are counted without blanks.

Letters (R245): formulas are stored with the English letters, ``D W M Q Y WD`` and ``C``.
Norwegian writes day D, week U, month M, quarter K, year Å, weekday UD, and N (the current)
for C, the letters of the Norwegian Business Central. English letters are accepted in
every language; should one mean something else in a language, that language's meaning wins.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from enum import StrEnum
from types import MappingProxyType

from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, ngettext, override, pgettext
from django.utils.translation import gettext as _

MAX_LENGTH = 20
MAX_NUMBER = 9999
CURRENT = "C"

# The letters of each language that has its own, by the letters of storage.
LETTERS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"nb": {"D": "D", "W": "U", "M": "M", "Q": "K", "Y": "Å", "WD": "UD", CURRENT: "N"}}
)
STORAGE_LETTERS = {letter: letter for letter in ("D", "W", "M", "Q", "Y", "WD", CURRENT)}

# Minus signs that people paste (minus, dashes, hyphens, wide forms), and the wide plus.
MINUS_SIGNS = str.maketrans(
    dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d", "-") | {"\uff0b": "+"}
)
PART = re.compile(r"([+-]?)([^+-]*)")
TERM = re.compile(r"([0-9]*)([^\W\d_]+)([0-9]*)")


class DateFormulaError(ValueError):
    """A date formula cannot be read or applied; the message is a sentence for people."""


class Unit(StrEnum):
    """The units, by their letters of storage."""

    DAY = "D"
    WEEK = "W"
    MONTH = "M"
    QUARTER = "Q"
    YEAR = "Y"
    WEEKDAY = "WD"


MONTHS_IN = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
DAYS_IN = {Unit.DAY: 1, Unit.WEEK: 7}
HIGHEST_DAY = {Unit.DAY: 31, Unit.WEEKDAY: 7}


@dataclass(frozen=True, slots=True)
class Shift:
    """A number of units: 10D, 2W, 1M, 1Q, 1Y."""

    number: int
    unit: Unit
    is_back: bool = False

    def __post_init__(self) -> None:
        if self.unit not in MONTHS_IN | DAYS_IN:
            raise DateFormulaError(
                _("A number stands before D, W, M, Q or Y. For a weekday write for example WD4.")
            )
        if self.number == 0:
            raise DateFormulaError(
                _("A number of 0 changes nothing. Leave the formula blank for the same day.")
            )
        if not 0 < self.number <= MAX_NUMBER:
            raise DateFormulaError(_("A number is at most 9999, for example 30D or 6M."))

    def apply(self, day: date) -> date:
        """Return the day this far away; a shorter month gives its last day (R242)."""
        number = -self.number if self.is_back else self.number
        if self.unit in DAYS_IN:
            return day + timedelta(days=number * DAYS_IN[self.unit])
        first = _first_of_month(day, number * MONTHS_IN[self.unit])
        return first.replace(day=min(day.day, _last_of_month(first).day))

    def written(self, letters: Mapping[str, str]) -> str:
        """Return the term without its sign."""
        return f"{self.number}{letters[self.unit]}"

    def words(self) -> str:
        """Return the number and the unit in the active language."""
        match self.unit:
            case Unit.DAY:
                words = ngettext("%(number)d day", "%(number)d days", self.number)
            case Unit.WEEK:
                words = ngettext("%(number)d week", "%(number)d weeks", self.number)
            case Unit.MONTH:
                words = ngettext("%(number)d month", "%(number)d months", self.number)
            case Unit.QUARTER:
                words = ngettext("%(number)d quarter", "%(number)d quarters", self.number)
            case _:
                words = ngettext("%(number)d year", "%(number)d years", self.number)
        return words % {"number": self.number}


@dataclass(frozen=True, slots=True)
class Named:
    """The next or previous day of that name: D10, WD4."""

    unit: Unit
    number: int
    is_back: bool = False

    def __post_init__(self) -> None:
        if self.unit not in HIGHEST_DAY:
            raise DateFormulaError(
                _("Only D and WD stand before a number: D10 is the next 10th, WD4 Thursday.")
            )
        if 1 <= self.number <= HIGHEST_DAY[self.unit]:
            return
        if self.unit == Unit.DAY:
            raise DateFormulaError(_("A day of a month is 1 to 31, for example D10."))
        raise DateFormulaError(_("A weekday is 1 (Monday) to 7 (Sunday), for example WD4."))

    def apply(self, day: date) -> date:
        """Return the nearest such day after (before) `day`, never `day` itself."""
        step = -1 if self.is_back else 1
        if self.unit == Unit.WEEKDAY:
            distance = (self.number - day.isoweekday()) * step % 7 or 7
            return day + timedelta(days=distance * step)
        is_passed = day.day <= self.number if self.is_back else day.day >= self.number
        month = _first_of_month(day, step if is_passed else 0)
        while _last_of_month(month).day < self.number:
            month = _first_of_month(month, step)
        return month.replace(day=self.number)

    def written(self, letters: Mapping[str, str]) -> str:
        """Return the term without its sign."""
        return f"{letters[self.unit]}{self.number}"

    def words(self) -> str:
        """Return the day's name in the active language."""
        if self.unit == Unit.WEEKDAY:
            name = WEEKDAYS[self.number - 1]
            words = _("the previous %(weekday)s") if self.is_back else _("the next %(weekday)s")
            return words % {"weekday": name}
        day = _ordinal(self.number)
        words = (
            _("the previous %(day)s of a month")
            if self.is_back
            else _("the next %(day)s of a month")
        )
        return words % {"day": day}


@dataclass(frozen=True, slots=True)
class Edge:
    """The end or the beginning of the current unit: CM, -CM."""

    unit: Unit
    is_back: bool = False

    def __post_init__(self) -> None:
        if self.unit == Unit.WEEKDAY:
            raise DateFormulaError(
                _("C stands before D, W, M, Q or Y. For a weekday write for example WD4.")
            )

    def apply(self, day: date) -> date:
        """Return the last (first) day of the unit in which `day` lies; weeks begin on Monday."""
        if self.unit == Unit.DAY:
            return day
        if self.unit == Unit.WEEK:
            return day + timedelta(days=(1 if self.is_back else 7) - day.isoweekday())
        length = MONTHS_IN[self.unit]
        first = _first_of_month(day, -((day.month - 1) % length))
        return first if self.is_back else _last_of_month(_first_of_month(first, length - 1))

    def written(self, letters: Mapping[str, str]) -> str:
        """Return the term without its sign."""
        return f"{letters[CURRENT]}{letters[self.unit]}"

    def words(self) -> str:
        """Return which end of which unit, in the active language."""
        match self.unit:
            case Unit.DAY:
                return _("the same day")
            case Unit.WEEK:
                return _("the beginning of the week") if self.is_back else _("the end of the week")
            case Unit.MONTH:
                return (
                    _("the beginning of the month") if self.is_back else _("the end of the month")
                )
            case Unit.QUARTER:
                words = _("the beginning of the quarter"), _("the end of the quarter")
            case _:
                words = _("the beginning of the year"), _("the end of the year")
        return words[0] if self.is_back else words[1]


type Term = Shift | Named | Edge


@dataclass(frozen=True, slots=True)
class DateFormula:
    """A date formula; without terms it is blank and leaves a date unchanged (R243)."""

    terms: tuple[Term, ...] = ()

    def __post_init__(self) -> None:
        _check_length(str(self))

    @classmethod
    def parse(cls, text: str, language: str | None = None) -> "DateFormula":
        """Read a formula as a person types it in `language`, or as it is stored (None).

        Raises DateFormulaError with a sentence that says what is wrong.
        """
        compact = "".join(unicodedata.normalize("NFC", text).split()).translate(MINUS_SIGNS)
        _check_length(compact.removeprefix("+"))
        if not compact:
            return cls()
        meanings = _meanings(language)
        parts = [match.groups() for match in PART.finditer(compact) if match[0]]
        return cls(tuple(_term(body, sign == "-", meanings) for sign, body in parts))

    def apply(self, day: date) -> date:
        """Return the date that the formula gives, counted from `day`, in calendar days (R244).

        Raises DateFormulaError when it leaves the years 1–9999.
        """
        for term in self.terms:
            try:
                day = term.apply(day)
            except OverflowError as error:
                raise DateFormulaError(
                    _("The date formula %(formula)s leads out of the calendar, years 1 to 9999.")
                    % {"formula": self.localized(get_language())}
                ) from error
        return day

    def __str__(self) -> str:
        """Return the form of storage, the same in every language (R245)."""
        return self._written(STORAGE_LETTERS)

    def __bool__(self) -> bool:
        """Return whether there is a term."""
        return bool(self.terms)

    def localized(self, language: str | None) -> str:
        """Return the formula as a person types it in `language`."""
        return self._written(_letters(language))

    def in_words(self, language: str | None = None) -> str:
        """Return the formula as a phrase in `language`, or in the active one."""
        if language is not None:
            with override(language):
                return self.in_words()
        if not self.terms:
            return _("the same day")
        words = _opening(self.terms[0])
        for term in self.terms[1:]:
            words = _continued(words, term)
        return words

    def _written(self, letters: Mapping[str, str]) -> str:
        signed = (("-" if term.is_back else "+") + term.written(letters) for term in self.terms)
        return "".join(signed).removeprefix("+")


def _letters(language: str | None) -> Mapping[str, str]:
    return LETTERS.get((language or "").replace("_", "-").split("-")[0], STORAGE_LETTERS)


def _meanings(language: str | None) -> dict[str, str]:
    """Return what each letter stands for; the language's own come after the English ones."""
    own = {typed: stored for stored, typed in _letters(language).items()}
    return STORAGE_LETTERS | own


def _check_length(formula: str) -> None:
    if len(formula) > MAX_LENGTH:
        raise DateFormulaError(_("A date formula has at most 20 characters, for example CM+10D."))


def _term(body: str, is_back: bool, meanings: Mapping[str, str]) -> Term:
    """Read one term without its sign."""
    if not body:
        raise DateFormulaError(_("A term is missing beside + or -. Write for example 2W+1D."))
    match = TERM.fullmatch(body)
    before, letters, behind = match.groups() if match else ("", "", "")
    unit = meanings.get(letters.upper(), CURRENT)
    if unit != CURRENT and before and not behind:
        return Shift(int(before), Unit(unit), is_back)
    if unit != CURRENT and behind and not before:
        return Named(Unit(unit), int(behind), is_back)
    ended = _ended_unit(letters.upper(), meanings)
    if ended and not before and not behind:
        return Edge(ended, is_back)
    raise _not_a_term(body, is_unit=unit != CURRENT and not before and not behind)


def _ended_unit(letters: str, meanings: Mapping[str, str]) -> Unit | None:
    """Return the unit whose end the letters ask for: CM gives the month."""
    unit = meanings.get(letters[1:], CURRENT)
    if unit == CURRENT or meanings.get(letters[0]) != CURRENT:
        return None
    return Unit(unit)


def _not_a_term(body: str, *, is_unit: bool) -> DateFormulaError:
    if body.isdecimal():
        sentence = _("“%(term)s” has no unit. Write for example 10D, 2W or 1M.")
    elif is_unit:
        sentence = _("“%(term)s” has no number. Write for example 10D, D10, WD4 or CM.")
    else:
        sentence = _(
            "“%(term)s” is not a term of a date formula. Write for example 10D, 2W, 1M, CM, "
            "D10 or WD4, joined by + or -."
        )
    return DateFormulaError(sentence % {"term": body})


def _first_of_month(day: date, months: int) -> date:
    """Return the first day of the month so many months after that of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError
    return date(year, month + 1, 1)


def _last_of_month(day: date) -> date:
    """Return the last day of the month of `day`."""
    return date(day.year, day.month, monthrange(day.year, day.month)[1])


def _ordinal(day: int) -> str:
    """Return the day of a month as an ordinal of the active language."""
    ending = 0 if day in {11, 12, 13} else day % 10
    match ending:
        case 1:
            words = pgettext("day of the month", "%(day)dst")
        case 2:
            words = pgettext("day of the month", "%(day)dnd")
        case 3:
            words = pgettext("day of the month", "%(day)drd")
        case _:
            words = pgettext("day of the month", "%(day)dth")
    return words % {"day": day}


def _opening(term: Term) -> str:
    if isinstance(term, Shift) and term.is_back:
        return _("%(span)s earlier") % {"span": term.words()}
    return term.words()


def _continued(words: str, term: Term) -> str:
    if not isinstance(term, Shift):
        pattern = _("%(formula)s, then %(term)s")
    elif term.is_back:
        pattern = _("%(formula)s minus %(term)s")
    else:
        pattern = _("%(formula)s plus %(term)s")
    return pattern % {"formula": words, "term": term.words()}
