"""The form by which a person chooses how to be told of what: a table of kinds and channels."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from notices.kinds import USUAL, Mail
from notices.models import NoticeChoice

DAILY = [(Mail.DAILY, Mail.DAILY.label), (Mail.NEVER, Mail.NEVER.label)]


class ChoicesForm(forms.Form):
    """For each kind, a box for the app and one choice of mail; and whether tasks are mailed daily.

    `user` is a user with `mail_digest` and `mail_review`, whose choices are shown and saved.
    """

    def __init__(self, data: Any = None, *, user: Any) -> None:
        super().__init__(data)
        self.user = user
        chosen = {choice.kind: choice for choice in NoticeChoice.objects.filter(user=user)}
        for kind, usual in USUAL.items():
            choice = chosen.get(kind)
            self.fields[f"{kind}_app"] = forms.BooleanField(
                label=_("In the app"),
                required=False,
                initial=choice.is_shown if choice else True,
            )
            self.fields[f"{kind}_mail"] = forms.ChoiceField(
                label=str(usual.words),
                choices=Mail.choices,
                required=False,
                widget=forms.RadioSelect,
                initial=choice.mail if choice else usual.mail,
            )
        self.fields["mail_digest"] = forms.BooleanField(
            label=_("What is late and what is due today"),
            required=False,
            initial=user.mail_digest,
        )
        self.fields["mail_review"] = forms.BooleanField(
            label=_("The review of the pipeline, each Monday (for managers)"),
            required=False,
            initial=user.mail_review,
        )

    def rows(self) -> Iterator[tuple[Any, Any, Any]]:
        """Yield for each kind what is usual, and its two fields."""
        for kind, usual in USUAL.items():
            yield usual, self[f"{kind}_app"], self[f"{kind}_mail"]

    def save(self) -> None:
        """Write what was chosen, all of it."""
        data = self.cleaned_data
        choices = [
            NoticeChoice(
                user=self.user,
                kind=kind,
                is_shown=data[f"{kind}_app"],
                mail=data[f"{kind}_mail"],
            )
            for kind in USUAL
        ]
        with transaction.atomic():
            NoticeChoice.objects.bulk_create(
                choices,
                update_conflicts=True,
                unique_fields=["user", "kind"],
                update_fields=["is_shown", "mail"],
            )
            self.user.mail_digest = data["mail_digest"]
            self.user.mail_review = data["mail_review"]
            self.user.save(update_fields=["mail_digest", "mail_review"])
