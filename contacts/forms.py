"""How a contact is typed, with the fields that its kind has."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.merging import mine
from contacts import lifecycle
from contacts.country_field import CountryField
from contacts.inputs import NOT_CHOSEN
from contacts.models import Contact, Industry
from crm.forms import DoorForm
from crm.merging import as_shown
from lists.filtering import RowField, shown
from salespeople.models import Salesperson, User
from salespeople.visibility import assignable_salespeople

COMPANY_ONLY = ("name", "industry")
PERSON_ONLY = ("first_name", "middle_name", "surname", "salutation", "company", "job_title")
REACH = ("phone", "mobile_phone", "email", "website")
WHERE = ("address", "address_2", "post_code", "city", "country")
CARE = ("salesperson", "language")
ROWS = ("company", "industry", "salesperson")


class SeenForm(DoorForm):
    """The version of the contact that the person was looking at."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def clean_seen(self) -> datetime:
        """Return the moment; ValidationError for what is none."""
        try:
            return datetime.fromisoformat(self.cleaned_data["seen"]).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            text = _("The form is stale. Load the page again.")
            raise ValidationError(text, code="stale") from error


def seen_of(contact: Contact) -> str:
    """Return the version of a contact as a form sends it back."""
    return lifecycle.version_of(contact).astimezone(UTC).isoformat()


class ContactForm(SeenForm, forms.ModelForm):  # type: ignore[type-arg]
    """A company or a person, new or to be changed; the door checks what is typed.

    A new contact shows what the door would propose (R207), a person of a
    company what comes from the company (R208, R209).
    """

    country = CountryField(label=gettext_lazy("Country"), required=False)

    class Meta:
        model = Contact
        fields = (*COMPANY_ONLY, *PERSON_ONLY, *REACH, *WHERE, *CARE)
        widgets: ClassVar[dict[str, Any]] = {
            "phone": forms.TelInput,
            "mobile_phone": forms.TelInput,
        }

    def __init__(
        self,
        data: Any = None,
        *,
        by: User,
        contact: Contact | None = None,
        kind: str = "",
        company: Contact | None = None,
    ) -> None:
        self.by = by
        self.is_new = contact is None
        self.contact = contact or Contact(kind=kind)
        self.before = {name: getattr(self.contact, name) for name in self.Meta.fields}
        if self.is_new:
            self.before |= lifecycle.proposals(by=by, company=company) | {"company": company}
        initial = {name: getattr(value, "pk", value) for name, value in self.before.items()}
        super().__init__(data, initial=initial, instance=self.contact)
        for name in PERSON_ONLY if self.contact.is_company else COMPANY_ONLY:
            del self.fields[name]
        if self.is_new:
            del self.fields["seen"]
        if "salutation" in self.fields:
            self.fields["salutation"].required = False
        for name in ROWS:
            if name in self.fields:
                self.fields[name] = self._row_field(name)
        self.helper = _helper(is_company=self.contact.is_company)

    def clean_salutation(self) -> str:
        """Return the present one where none is chosen (R207)."""
        return str(self.cleaned_data["salutation"] or self.before["salutation"])

    def _post_clean(self) -> None:
        """Leave the row alone: the door checks it."""

    def wishes(self) -> dict[str, Any]:
        """Return what the door is to write.

        What was left as it was shown is no wish: it may follow the company that
        was chosen, or be what somebody else has changed since.
        """
        typed = {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.fields}
        if self.is_new and typed.get("company") == self.before["company"]:
            return typed
        if self.is_new:
            return {name: value for name, value in typed.items() if value != self.before[name]}
        touched = mine(self, self.compared())
        return {name: value for name, value in typed.items() if name in touched}

    def compared(self) -> list[str]:
        """Return the fields that two people may have changed at once."""
        return [name for name in self.Meta.fields if name in self.fields]

    def as_shown(self) -> str:
        """Return the present values, for the form to send back beside what was typed."""
        return as_shown(self, self.compared())

    def _row_field(self, name: str) -> RowField:
        """Return the field of a row: one that may be chosen, or the present one."""
        present = getattr(self.before[name], "pk", None)
        label = self.fields[name].label
        options: dict[str, Any] = {"label": label, "required": False, "empty_label": NOT_CHOSEN}
        if name == "industry":
            return RowField(queryset=Industry.objects.all(), **options)
        if name == "salesperson":
            usable = assignable_salespeople(self.by).order_by().values("pk")
            people = Salesperson.objects.filter(Q(pk__in=usable) | Q(pk=present))
            return RowField(queryset=people, lookups=("code", "name"), **options)
        companies = Contact.objects.visible_to(self.by).companies()
        return RowField(
            queryset=companies.filter(Q(is_blocked=False) | Q(pk=present)),
            label_of=shown,
            suggest=reverse("contacts:suggest_companies"),
            help_text=_("Address, phone and the like that are left empty come from the company."),
            **options,
        )


def _helper(*, is_company: bool) -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    if is_company:
        who = _fieldset(_("Company"), _two(*COMPANY_ONLY))
    else:
        names = [Div(name, css_class="col-md-4") for name in PERSON_ONLY[:3]]
        who = _fieldset(_("Person"), Div(*names, css_class="row"), _two(*PERSON_ONLY[3:]))
    helper.layout = Layout(
        who,
        _fieldset(_("Phone and mail"), _two(*REACH)),
        _fieldset(_("Address"), _two(*WHERE)),
        _fieldset(_("Looked after"), _two(*CARE)),
    )
    return helper


def _fieldset(legend: str, *parts: Div) -> Fieldset:
    return Fieldset(legend, *parts, template="contacts/fieldset.html")


def _two(*names: str) -> Div:
    return Div(*names, css_class="form-two")
