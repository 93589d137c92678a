"""The form by which a person changes what is his or her own."""

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from salespeople.models import User

if TYPE_CHECKING:  # Django's classes take type parameters in their stubs only
    ModelForm = forms.ModelForm[User]
else:
    ModelForm = forms.ModelForm

LONGEST_NAME = 150  # as Django's own field has it
PLACES = (
    "Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/",
    "Indian/", "Pacific/", "UTC",
)  # fmt: skip


def time_zones() -> list[tuple[str, Any]]:
    """Return the time zones of places, by name, behind "the site's"."""
    names = sorted(name for name in available_timezones() if name.startswith(PLACES))
    return [("", _("The site's time zone")), *((name, name.replace("_", " ")) for name in names)]


class SignInForm(AuthenticationForm):
    """Name and password; a name longer than any user's is not even counted as an attempt."""

    def clean_username(self) -> str:
        """Refuse what is too long to be a name."""
        name: str = self.cleaned_data["username"]
        if len(name) > LONGEST_NAME:
            raise self.get_invalid_login_error()
        return name


class ProfileForm(ModelForm):
    """Name, e-mail, language, theme and time zone."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, required=False)

    class Meta:
        model = User
        fields = (
            "first_name",
            "last_name",
            "email",
            "language",
            "theme",
            "time_zone",
        )
