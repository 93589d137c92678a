"""Phone numbers as people type them, and as they are kept (Business Central R216)."""

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contacts.models import no_letters

DEFAULT_REGION = "NO"


def tidy_phone(text: str, country: str = "") -> str:
    """Return the number in its international spelling, read as one of `country`.

    What cannot be read as a number, or has an extension, stays as it was
    typed. Raises ValidationError for a letter, and for a number that no
    country has.
    """
    text = " ".join(text.split())
    if not text:
        return ""
    no_letters(text)
    try:
        number = phonenumbers.parse(text, country or DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_possible_number(number):
        raise ValidationError(
            _("“%(text)s” is too short or too long for a phone number."),
            code="impossible",
            params={"text": text},
        )
    if number.extension:
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
