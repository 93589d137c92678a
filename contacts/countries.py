"""Countries by their codes of two letters, named in the person's language."""

from functools import cache

from babel import Locale
from django.utils.translation import get_language, to_locale
from phonenumbers import SUPPORTED_REGIONS


def country_names() -> dict[str, str]:
    """Return the name of each country by its code, in the order of the names."""
    return _names(get_language() or "en")


def country_name(code: str) -> str:
    """Return the name of a country; the code itself where it is none."""
    return country_names().get(code, code)


def country_code(text: str) -> str | None:
    """Return the code that `text` spells, by code or by name; None for neither."""
    wanted = " ".join(text.split()).casefold()
    for names in (country_names(), _names("en")):
        for code, name in names.items():
            if wanted in (code.casefold(), name.casefold()):
                return code
    return None


@cache
def _names(language: str) -> dict[str, str]:
    territories = Locale.parse(to_locale(language)).territories
    names = {code: territories.get(code, code) for code in SUPPORTED_REGIONS}
    return dict(sorted(names.items(), key=lambda item: item[1].casefold()))
