"""Amounts and percentages as people read them: by locale, rounded only here (rules D16).

Numbers are written as the active language's locale in CLDR does. A language that CLDR
does not know is written as English. `en` is CLDR's `en`, not `en_GB`: they differ only in
dollars ("$" or "US$"), a site has one currency (D15), and a site that wants British
conventions sets its language to `en-gb` and gets them.
"""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import (
    NumberPattern,
    format_compact_decimal,
    get_currency_precision,
    get_currency_symbol,
    get_minus_sign_symbol,
    parse_pattern,
)
from django.conf import settings
from django.utils.translation import get_language, to_locale

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
HALF_UP = Context(prec=60, rounding=ROUND_HALF_UP)
COMPACT_EXPONENTS = (0, 3, 6, 9, 12)


def format_money(
    amount: Decimal | int, currency: str | None = None, *, is_brief: bool = False
) -> str:
    """Return the amount with its currency (the site's), with that currency's decimals.

    Brief, a whole amount has none: "NOK 18,000".
    """
    number = Decimal(amount)
    return _money_text(number, currency or settings.SITE_CURRENCY, str(_locale()), is_brief)


# The same amounts are shown again and again: a page of them costs more than its queries.
@lru_cache(maxsize=20_000)
def _money_text(amount: Decimal, currency: str, locale_name: str, is_brief: bool) -> str:
    locale = Locale.parse(locale_name)
    exact = half_up(amount, get_currency_precision(currency))
    is_whole = is_brief and exact == exact.to_integral_value()
    pattern = _pattern_of(locale_name, currency, is_brief=is_whole)
    text = pattern.apply(exact.copy_abs(), locale, currency=currency, currency_digits=not is_whole)
    return _sign(exact, locale) + str(text)


def format_money_brief(amount: Decimal | int) -> str:
    """Return the amount with its currency, without decimals where they are 0: "NOK 18,000"."""
    return format_money(amount, is_brief=True)


def format_money_compact(amount: Decimal | int, currency: str | None = None) -> str:
    """Return a rough amount with its currency, for charts and headers: "$1.2M"."""
    currency = currency or settings.SITE_CURRENCY
    locale = _locale()
    rough = _compact_value(amount)
    number = format_compact(rough.copy_abs())
    pattern = _pattern_of(str(locale), currency).pattern
    text = re.sub("[#0][#0,.]*", lambda _: number, pattern)
    return _sign(rough, locale) + text.replace("¤", get_currency_symbol(currency, locale))


def format_compact(number: Decimal | int) -> str:
    """Return a rough number with at most 1 decimal: "950", "1.2K", "12.5M"."""
    locale = _locale()
    rough = _compact_value(number)
    text = format_compact_decimal(rough.copy_abs(), locale=locale, fraction_digits=1)
    return _sign(rough, locale) + text


def format_amount(amount: Decimal | int) -> str:
    """Return an amount with two decimals and separators, without a currency: "1,250.50"."""
    return _plain_text(half_up(amount, 2), 2, str(_locale()))


def format_quantity(quantity: Decimal | int) -> str:
    """Return a number with the decimals that it has: "1", "2.5", "1,200"."""
    exact = Decimal(quantity).normalize()
    decimals = max(0, -int(exact.as_tuple().exponent))
    return _plain_text(exact, decimals, str(_locale()))


@lru_cache(maxsize=20_000)
def _plain_text(number: Decimal, decimals: int, locale_name: str) -> str:
    locale = Locale.parse(locale_name)
    pattern = parse_pattern(f"#,##0.{'0' * decimals}" if decimals else "#,##0")
    return _sign(number, locale) + str(pattern.apply(number.copy_abs(), locale))


def format_percent(value: Decimal | int, decimals: int = 0) -> str:
    """Return a percentage (24.5 means 24.5 %) with exactly so many decimals."""
    return _percent_text(Decimal(value), decimals, str(_locale()))


@lru_cache(maxsize=5_000)
def _percent_text(value: Decimal, decimals: int, locale_name: str) -> str:
    locale = Locale.parse(locale_name)
    ratio = half_up(value, decimals).scaleb(-2, HALF_UP)
    pattern = _percent_pattern(str(locale), decimals)
    return _sign(ratio, locale) + str(pattern.apply(ratio.copy_abs(), locale))


def half_up(number: Decimal | int, decimals: int) -> Decimal:
    """Return the number with so many decimals; ties go away from zero; never −0."""
    rounded = HALF_UP.quantize(Decimal(number), Decimal(1).scaleb(-decimals))
    return rounded.copy_abs() if rounded.is_zero() else rounded


def _locale() -> Locale:
    return _locale_of(get_language() or settings.LANGUAGE_CODE)


@lru_cache(maxsize=64)
def _locale_of(language: str) -> Locale:
    try:
        return Locale.parse(to_locale(language))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@lru_cache(maxsize=256)
def _percent_pattern(locale_name: str, decimals: int) -> NumberPattern:
    places = f"0.{'0' * decimals}" if decimals else "0"
    pattern = str(Locale.parse(locale_name).percent_formats[None].pattern)
    return parse_pattern(re.sub("0(?![#0,.])", places, pattern))


def _sign(number: Decimal, locale: Locale) -> str:
    return get_minus_sign_symbol(locale) if number < 0 else ""


@lru_cache(maxsize=256)
def _pattern_of(locale_name: str, currency: str, *, is_brief: bool = False) -> NumberPattern:
    """Return the locale's pattern for what is not negative.

    It has a space where a symbol of letters meets the number: CLDR asks for one
    ("NOK 1,000", but "$1,000"), Babel leaves it out.
    """
    locale = Locale.parse(locale_name)
    pattern = str(locale.currency_formats["standard"].pattern).split(";")[0]
    if get_currency_symbol(currency, locale)[-1].isalpha():
        pattern = re.sub("¤(?=[#0])", f"¤{NO_BREAK_SPACE}", pattern)
    return parse_pattern(pattern.replace(".00", "") if is_brief else pattern)


def _compact_value(number: Decimal | int) -> Decimal:
    """Return the number rounded to 1 decimal of the unit in which it is shown.

    Rounding comes before choosing the unit, so that 999,999 is "1M" and not "1000K".
    """
    for exponent in COMPACT_EXPONENTS:
        rounded = half_up(number, 1 - exponent if exponent else 0)
        if rounded.copy_abs() < Decimal(1).scaleb(exponent + 3):
            break
    return rounded
