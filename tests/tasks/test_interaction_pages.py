"""The pages of interactions: logging in two clicks, the list, one of them, cancelling."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from opportunities.models import OpportunityContact
from salespeople.models import User
from tasks import interactions
from tasks.models import Interaction
from tests.factories import CompanyFactory, PersonFactory, SalespersonFactory
from tests.opportunities.pages import address, at_stage, plain, signed_in


def test_two_clicks_from_the_opportunity(bob: User) -> None:
    """The button, the text, Save: the rest is proposed."""
    opportunity = at_stage(bob, 1)
    client = signed_in(bob)
    page = client.get(address(opportunity)).content.decode()
    link = f"/interactions/create/?opportunity={opportunity.pk}&amp;kind=call"
    form = client.get(link.replace("&amp;", "&"))
    sent = {name: form.context["form"][name].value() or "" for name in form.context["form"].fields}
    sent |= {"text": "Asked for a price.\nMore.", "happened_at": ""}

    response = client.post(link.replace("&amp;", "&"), sent)

    logged = Interaction.objects.get()
    assert f'href="{link}"' in page
    assert "autofocus" in form.content.decode()
    assert timezone.now() - logged.happened_at < timedelta(minutes=1)
    assert response["Location"] == address(opportunity)
    assert (logged.kind, logged.subject, logged.text, logged.opportunity, logged.contact) == (
        "call",
        "Asked for a price.",
        "Asked for a price.\nMore.",
        opportunity,
        opportunity.contact,
    )


def test_everything_that_can_be_typed(bob: User) -> None:
    company = CompanyFactory()
    opportunity = at_stage(bob, 1, contact=company)
    response = signed_in(bob).post(
        f"/interactions/create/?contact={company.pk}",
        {
            "kind": "meeting",
            "subject": "Met",
            "text": "",
            "contact": company.pk,
            "opportunity": opportunity.pk,
            "salesperson": bob.salesperson.pk,
            "happened_at": "2026-01-05T10:30",
            "direction": "outbound",
            "minutes": "90",
            "cost": "1,250.50",
            "evaluation": "very_positive",
            "is_failed": "on",
        },
    )

    logged = Interaction.objects.get()
    assert response["Location"] == company.get_absolute_url()
    assert (logged.opportunity, logged.duration, logged.cost, logged.is_failed) == (
        opportunity,
        timedelta(minutes=90),
        Decimal("1250.50"),
        True,
    )
    assert logged.happened_at.isoformat() == "2026-01-05T09:30:00+00:00"


def test_r231_the_form_offers_what_may_be_chosen_and_refuses_the_rest(
    alice: User, bob: User
) -> None:
    company = CompanyFactory()
    mine, hers = at_stage(bob, 1, contact=company), at_stage(alice, 1, contact=company)
    client = signed_in(bob)
    link = f"/interactions/create/?contact={company.pk}"
    sent = {"kind": "call", "text": "Hello", "contact": company.pk,
            "salesperson": bob.salesperson.pk}  # fmt: skip

    offered = client.get(link).context["form"].fields["opportunity"].rows
    refused = client.post(link, sent | {"opportunity": hers.pk})

    assert set(offered.values()) == {mine}
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"opportunity"}


def test_the_people_of_the_opportunity_may_be_chosen(bob: User) -> None:
    company = CompanyFactory()
    person, partner = PersonFactory(company=company), PersonFactory()
    opportunity = at_stage(bob, 1, contact=person)
    OpportunityContact.objects.create(
        opportunity=opportunity, contact=partner, role="partner", added_by=bob
    )
    PersonFactory()  # a stranger

    form = signed_in(bob).get(f"/interactions/create/?opportunity={opportunity.pk}").context["form"]

    assert set(form.fields["contact"].rows.values()) == {company, person, partner}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", ""),
        ("kind", "fax"),
        ("happened_at", "2999-01-01T00:00"),
        ("happened_at", "yesterday"),
        ("minutes", "-1"),
        ("minutes", "9" * 30),
        ("cost", "NaN"),
        ("cost", "-1"),
        ("subject", "x" * 201),
        ("subject", "a\x00b"),
        ("contact", "999999"),
        ("salesperson", "x\x00"),
        ("evaluation", "splendid"),
        ("direction", "up"),
    ],
)
def test_invalid_input_is_refused_beside_its_field_and_keeps_what_was_typed(
    bob: User, field: str, value: str
) -> None:
    opportunity = at_stage(bob, 1)
    sent = {"kind": "call", "text": "Long story", "contact": opportunity.contact.pk,
            "salesperson": bob.salesperson.pk, field: value}  # fmt: skip

    response = signed_in(bob).post(f"/interactions/create/?opportunity={opportunity.pk}", sent)

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}
    assert field == "text" or "Long story" in response.content.decode()
    assert Interaction.objects.count() == 0


def test_another_teams_salesperson_is_refused_beside_the_field(bob: User) -> None:
    other = SalespersonFactory()
    opportunity = at_stage(bob, 1)
    sent = {"kind": "call", "text": "Hello", "contact": opportunity.contact.pk,
            "salesperson": other.pk}  # fmt: skip

    response = signed_in(bob).post(f"/interactions/create/?opportunity={opportunity.pk}", sent)

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"salesperson"}


@pytest.mark.parametrize(
    ("query", "status"),
    [("?opportunity=999999", 404), ("?contact=999999", 404), ("?task=999999", 404),
     ("?opportunity=x", 400), ("?opportunity=1&contact=1", 400), ("", 200)],
)  # fmt: skip
def test_from_where_it_is_logged(bob: User, query: str, status: int) -> None:
    assert signed_in(bob).get(f"/interactions/create/{query}").status_code == status


def test_cancelling_offers_the_undo_and_the_undo_restores(bob: User) -> None:
    logged = interactions.log(by=bob, kind="call", subject="Hello", opportunity=at_stage(bob, 1))
    client = signed_in(bob)

    page = client.post(f"/interactions/{logged.pk}/cancel/", follow=True).content.decode()
    logged.refresh_from_db()
    was_cancelled = logged.is_cancelled
    client.post(f"/interactions/{logged.pk}/restore/")

    logged.refresh_from_db()
    assert f'action="/interactions/{logged.pk}/restore/"' in page
    assert (was_cancelled, logged.is_cancelled) == (True, False)


@pytest.mark.parametrize("verb", ["", "cancel/", "restore/"])
def test_a_stranger_finds_nothing(bob: User, charlie: User, verb: str) -> None:
    logged = interactions.log(by=bob, kind="call", subject="Hello", opportunity=at_stage(bob, 1))
    client = signed_in(charlie)

    ask = client.post if verb else client.get
    assert ask(f"/interactions/{logged.pk}/{verb}").status_code == 404


def test_every_figure_is_a_link_to_exactly_its_rows(bob: User) -> None:
    """R147, R149, R150: three of the company, two of them about the opportunity, one cancelled."""
    company = CompanyFactory()
    opportunity = at_stage(bob, 1, contact=company)
    for about in (opportunity, opportunity, None, None):
        last = interactions.log(
            by=bob, kind="call", subject="Hello", opportunity=about, contact=company,
            cost=Decimal(10), duration=timedelta(minutes=30),
        )  # fmt: skip
    interactions.cancel(last, by=bob)
    client = signed_in(bob)

    def rows(query: str) -> int:
        return len(client.get(f"/interactions/?{query}").context["page"].rows)

    pages = {
        address(opportunity): f"opportunity={opportunity.pk}",
        company.get_absolute_url(): f"contact={company.pk}",
        f"/salespeople/{bob.salesperson.pk}/": f"salesperson={bob.salesperson.pk}",
    }
    for page, query in pages.items():
        assert f'href="/interactions/?{query}"' in client.get(page).content.decode()
    assert [rows(query) for query in pages.values()] == [2, 3, 3]
    shown = plain(client.get(f"/salespeople/{bob.salesperson.pk}/").content.decode())
    for figure in ("NOK 30", "1 h 30 min", "NOK 10", "30.00 min"):
        assert f">{figure}<" in shown


def test_the_list_is_filtered_and_its_filters_read_as_a_sentence(bob: User) -> None:
    contact = CompanyFactory(name="Fjord AS")
    for kind in ("call", "email"):
        interactions.log(by=bob, kind=kind, subject=f"By {kind}", contact=contact)

    page = signed_in(bob).get(f"/interactions/?kind=call&contact={contact.pk}")

    assert [row.subject for row in page.context["page"].rows] == ["By call"]
    assert [chip.text for chip in page.context["chips"]] == [
        "that are phone calls",
        "with Fjord AS",
    ]


@pytest.mark.parametrize(
    "query", ["kind=fax", "contact=999999", "happened_from=x", "cancelled=yes", "sort=text"]
)
def test_a_filter_that_cannot_be_read_is_refused(bob: User, query: str) -> None:
    assert signed_in(bob).get(f"/interactions/?{query}").status_code == 400


def test_markup_in_a_text_is_text(bob: User) -> None:
    logged = interactions.log(
        by=bob,
        kind="note",
        subject="<b>Bold</b>",
        text="<script>alert(1)</script>",
        opportunity=at_stage(bob, 1),
    )
    client = signed_in(bob)

    for page in (
        f"/opportunities/{logged.opportunity_id}/",
        logged.get_absolute_url(),
        "/interactions/",
    ):
        assert "<b>Bold" not in client.get(page).content.decode()
    assert "&lt;script&gt;" in client.get(logged.get_absolute_url()).content.decode()
