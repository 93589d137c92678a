"""A country in a form, typed by its name."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contacts.countries import country_code, country_name, country_names


class CountryInput(forms.TextInput):
    """A text with the browser's own suggestions: the names of the countries."""

    template_name = "contacts/country_input.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Add the names to suggest."""
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"] |= {"list": f"{name}_names", "autocomplete": "off"}
        context["names"] = list(country_names().values())
        return context


class CountryField(forms.CharField):
    """A country, typed by name or code, kept by its code of two letters."""

    widget = CountryInput

    def to_python(self, value: Any) -> str:
        """Return the code; ValidationError for a name that no country has."""
        text = super().to_python(value) or ""
        code = country_code(text) if text else ""
        if code is None:
            raise ValidationError(_("There is no country of this name."), code="unknown")
        return code

    def prepare_value(self, value: Any) -> Any:
        """Show a code as the name."""
        return country_name(value) if value else value
