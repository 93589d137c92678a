"""A new opportunity straight into a column of the board: four fields, and a contact on the fly."""

from typing import Any

from django import forms
from django.contrib.postgres.search import TrigramWordSimilarity
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, Value
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import lifecycle as contacts
from contacts.inputs import salesperson_field
from contacts.models import Contact, ContactQuerySet
from crm.fields import Fold
from crm.forms import DoorForm, day_input
from lists.filtering import NUMBERED, shown
from opportunities import lifecycle
from opportunities.forms import check_dated
from opportunities.inputs import money_input
from opportunities.lifecycle.moving import first_stage, moves_from, stages_of
from opportunities.models import Opportunity
from salescycles.models import SalesCycle, SalesCycleStage
from salespeople.models import User
from salespeople.visibility import assignable_salespeople, salesperson_of

MOST_SIMILAR = 4
FARTHEST = 0.4  # of 1: how much of what was typed a name has at least
LONGEST_NAME = 150


class AddForm(DoorForm):
    """Description, contact, value and close date; the column says the rest.

    A name that is nobody's is asked about: one of the contacts that are called
    so in part, or a new one of that name alone.
    """

    description = forms.CharField(label=gettext_lazy("Description"), max_length=100)
    contact = forms.CharField(
        label=gettext_lazy("Contact"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "data-suggest": reverse_lazy("contacts:suggest")}
        ),
        help_text=gettext_lazy("A company, or a person: type a part of the name."),
    )
    who = forms.ChoiceField(
        label=gettext_lazy("Who is it?"),
        required=False,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    estimated_value = money_input()
    estimated_close_on = day_input(gettext_lazy("Estimated close date"))
    next = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)

    def __init__(
        self,
        *args: Any,
        by: User,
        cycle: SalesCycle,
        stage: SalesCycleStage | None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.by, self.cycle, self.stage = by, cycle, stage
        own = salesperson_of(by)
        self.seller = own if own and assignable_salespeople(by).filter(pk=own.pk) else None
        if self.seller is None:
            self.fields["salesperson"] = salesperson_field(by, required=True)
        self.is_asked_who = False
        if self.is_bound:
            self._offer_who(self.data.get("contact", ""))

    def _offer_who(self, text: str) -> None:
        """Offer whose name it may be; to name somebody new is offered as well."""
        name = " ".join(text.replace("\x00", "").split())[:LONGEST_NAME]
        self.name, self.found = name, self._named(name) if name else None
        similar = [] if self.found or not name else self._similar(name)
        self._choices("who").choices = [
            *((str(contact.pk), shown(contact)) for contact in similar),
            (Contact.Kind.COMPANY, _("A new company: %(name)s") % {"name": name}),
            (Contact.Kind.PERSON, _("A new person: %(name)s") % {"name": name}),
        ]

    def _named(self, name: str) -> Contact | None:
        """Return the only contact of exactly this name, or the one whose number is written."""
        numbered = NUMBERED.search(name)
        if numbered:
            row = self._usable().filter(pk=int(numbered[1])).first()
            return row if row is not None and shown(row) == name else None
        found = list(self._usable().filter(name__iexact=name)[:2])
        return found[0] if len(found) == 1 else None

    def _similar(self, name: str) -> list[Contact]:
        """Return whose names come close, the closest first: one of them may be meant."""
        is_close = Q(search_text__trigram_word_similar=Fold(Value(name)))
        found = self._usable().filter(is_close) | self._usable().search(name)
        closeness = TrigramWordSimilarity(name, "name")
        ranked = found.annotate(closeness=closeness).filter(closeness__gt=FARTHEST)
        return list(ranked.order_by("-closeness", "name_sort", "pk")[:MOST_SIMILAR])

    def _usable(self) -> ContactQuerySet:
        rows = Contact.objects.visible_to(self.by).usable().exclude(company__is_blocked=True)
        return rows.select_related("company")

    def clean(self) -> dict[str, Any]:
        """Ask who is meant by a name that is nobody's, and for a close date (R39)."""
        data = self.cleaned_data
        if self.stage is not None:
            check_dated(self, first_stage(self.cycle))
        if data.get("contact") and self.found is None:
            self.is_asked_who = True
            if not data.get("who") and "who" not in self.errors:
                text = _("There is no contact of exactly this name. Choose one, or create it.")
                self.add_error("who", text)
        return data

    def contact_of(self) -> Contact:
        """Return the contact that is meant; create it where it is new (R205, R213)."""
        who = self.cleaned_data["who"]
        if self.found is not None:
            return self.found
        if who in Contact.Kind.values:
            return contacts.create(by=self.by, kind=who, name=self.name)
        return self._usable().get(pk=int(who))


def add(form: AddForm) -> Opportunity:
    """Create it at the stage of the column, and its contact if need be: all or nothing."""
    data, by, stage = form.cleaned_data, form.by, form.stage
    with transaction.atomic(), lifecycle.one_act():
        made = lifecycle.create(
            by=by,
            description=data["description"],
            contact=_contact(form),
            salesperson=form.seller or data["salesperson"],
            sales_cycle=form.cycle,
            activate=stage is not None,
            estimated_value=data["estimated_value"],
            estimated_close_on=data["estimated_close_on"],
        )
        if stage is not None and stage != made.stage:
            made = lifecycle.move(made, stage, by=by, seen=made.sequence)
        return made


def _contact(form: AddForm) -> Contact:
    """Return the contact; what its door refuses stands beside the name."""
    try:
        return form.contact_of()
    except Contact.DoesNotExist as error:
        text = _("There is no such choice, or you may not see it.")
        raise ValidationError({"contact": text}) from error
    except ValidationError as error:
        raise ValidationError({"contact": error.messages}) from error


def gate_of(cycle: SalesCycle, stage: SalesCycleStage) -> str:
    """Return why nothing new begins at `stage`; "" if it may, at the first one or by skipping."""
    stages = stages_of(cycle)
    moves = moves_from(stages, first_stage(cycle).pk, has_quote=False)
    return next((move.refusal for move in moves if move.stage.pk == stage.pk), "")


def stages_to_add(stages: list[SalesCycleStage]) -> set[int]:
    """Return the stages at which something new may begin: the first one, and by skipping on."""
    usable = [stage for stage in stages if not stage.is_blocked]
    if not usable:
        return set()
    moves = moves_from(stages, usable[0].pk, has_quote=False)
    return {usable[0].pk, *(move.stage.pk for move in moves if move.is_allowed)}
