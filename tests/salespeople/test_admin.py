"""The admin pages of users, salespeople and teams: roles, memberships in time, safe deletion."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from crm.dates import today
from opportunities import lifecycle
from salespeople.administration import check_deletion, deletion_refusal, uses
from salespeople.models import Salesperson, Team, TeamMembership, User
from salespeople.roles import is_administrator
from tests.admin_pages import address, errors, filled, post, row, said
from tests.factories import (
    CompanyFactory,
    SalespersonFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
)
from tests.opportunities.pages import at_stage, signed_in

PASSWORD = "green-apples-in-june"
HOSTILE = [
    "ß" * 20,
    "x" * 10_000,
    "-1",
    "NaN",
    "Infinity",
    "9" * 400,
    "1e999",
    "\x00",
    "<script>",
    "\u202e",
]


@pytest.fixture
def client(dora: User) -> Client:
    """The browser of an administrator."""
    return signed_in(dora)


def role_of(user: User) -> str:
    """Return the names of the user's roles as they stand in the database."""
    return ", ".join(Group.objects.filter(user=user).values_list("name", flat=True))


def role(name: str) -> int:
    """Return the id of a role."""
    return Group.objects.get(name=name).pk


# Every page can be opened.


@pytest.mark.parametrize("model", [User, Salesperson, Team])
def test_every_page_opens(client: Client, bob: User, model: Any) -> None:
    found = model.objects.order_by("-pk").first()

    assert client.get(address("changelist", model)).status_code == 200
    assert client.get(f"{address('changelist', model)}?q=bo").status_code == 200
    assert client.get(address("add", model)).status_code == 200
    assert client.get(address("change", model, found.pk)).status_code == 200
    assert client.get(address("history", model, found.pk)).status_code == 200


def test_saving_without_a_change_changes_nothing(client: Client, bob: User) -> None:
    def rows() -> list[Any]:
        models = (User, Salesperson, Team, TeamMembership)
        return [list(model.objects.order_by("pk").values()) for model in models]

    pages = [
        address("change", User, bob.pk),
        address("change", Salesperson, bob.salesperson.pk),
        address("change", Team, Team.objects.get(code="NORTH").pk),
    ]
    for page in pages:
        filled(client, page)  # what visiting itself changes
    before = rows()

    for page in pages:
        assert post(client, page).status_code == 302

    assert rows() == before
    assert role_of(bob) == "Salesperson"


# Users and roles.


def test_a_user_is_created_with_role_and_salesperson(client: Client) -> None:
    salesperson = SalespersonFactory(name="Frida")

    response = post(
        client,
        address("add", User),
        username="frida",
        usable_password="true",
        password1=PASSWORD,
        password2=PASSWORD,
        role=role("Manager"),
        salesperson=salesperson.pk,
    )

    assert response.status_code == 302, errors(response)
    frida = User.objects.get(username="frida")
    assert role_of(frida) == "Manager"
    assert frida.salesperson == salesperson
    assert not frida.is_staff
    assert frida.check_password(PASSWORD)


def test_a_user_who_will_see_nothing_is_pointed_out(client: Client) -> None:
    response = post(
        client,
        address("add", User),
        username="frida",
        usable_password="true",
        password1=PASSWORD,
        password2=PASSWORD,
        role=role("Salesperson"),
    )

    assert "“frida” is linked to no salesperson and so sees no opportunities." in said(
        client, response
    )


def test_a_new_user_needs_a_good_password_and_a_name_of_its_own(client: Client, bob: User) -> None:
    response = post(
        client,
        address("add", User),
        username="bob",
        usable_password="true",
        password1="12345",
        password2="12345",
    )

    assert len(errors(response)) == 4
    assert User.objects.filter(username="bob").count() == 1


@pytest.mark.parametrize("name", ["Salesperson", "Manager", "Administrator"])
def test_a_role_takes_the_place_of_the_former_one(client: Client, bob: User, name: str) -> None:
    post(client, address("change", User, bob.pk), role=role(name))

    assert role_of(bob) == name
    assert is_administrator(User.objects.get(pk=bob.pk)) == (name == "Administrator")


def test_a_role_is_taken_away(client: Client, alice: User) -> None:
    post(client, address("change", User, alice.pk), role="")

    assert role_of(alice) == ""


def test_the_link_to_a_salesperson_moves_from_one_to_another(client: Client, bob: User) -> None:
    former = bob.salesperson
    other = SalespersonFactory()

    post(client, address("change", User, bob.pk), salesperson=other.pk)

    assert Salesperson.objects.get(pk=other.pk).user == bob
    assert Salesperson.objects.get(pk=former.pk).user is None


def test_the_salesperson_of_another_user_is_no_choice(
    client: Client, alice: User, bob: User
) -> None:
    response = post(client, address("change", User, bob.pk), salesperson=alice.salesperson.pk)

    assert errors(response) == [
        "Select a valid choice. That choice is not one of the available choices."
    ]


ONLY = ["This is the only administrator. Make another one first."]


@pytest.mark.parametrize(
    "change", [{"role": ""}, {"role": "Manager"}, {"is_active": None}], ids=str
)
def test_the_last_administrator_stays_one(
    client: Client, dora: User, change: dict[str, Any]
) -> None:
    if change.get("role"):
        change = {"role": role(change["role"])}

    response = post(client, address("change", User, dora.pk), **change)

    assert errors(response) == ONLY
    dora.refresh_from_db()
    assert (role_of(dora), dora.is_active) == ("Administrator", True)


def test_an_inactive_administrator_does_not_count_as_another_one(
    client: Client, dora: User
) -> None:
    UserFactory(role="Administrator", is_active=False)

    assert errors(post(client, address("change", User, dora.pk), role="")) == ONLY


@pytest.mark.parametrize("options", [{"role": "Administrator"}, {"is_superuser": True}], ids=str)
def test_one_of_two_administrators_may_go(
    client: Client, dora: User, options: dict[str, Any]
) -> None:
    other = UserFactory(**options)

    assert post(client, address("change", User, dora.pk), role="").status_code == 302
    assert role_of(dora) == ""
    assert signed_in(other).get("/admin/").status_code == 200
    assert client.get("/admin/").status_code == 403


def test_the_last_administrator_is_not_deleted(client: Client, dora: User) -> None:
    response = client.post(address("delete", User, dora.pk), {"post": "yes"})

    assert said(client, response) == ONLY
    assert User.objects.filter(pk=dora.pk).exists()


def test_an_administrator_beside_another_one_is_deleted(client: Client) -> None:
    other = UserFactory(role="Administrator")

    response = client.post(address("delete", User, other.pk), {"post": "yes"})

    assert response.status_code == 302
    assert not User.objects.filter(pk=other.pk).exists()


def test_a_user_who_did_something_is_not_deleted_but_made_inactive(
    client: Client, bob: User
) -> None:
    at_stage(bob, 1)

    response = client.post(address("delete", User, bob.pk), {"post": "yes"})

    (text,) = said(client, response)
    assert text.startswith("“bob” is not deleted, because it is used by ")
    assert "1 salesperson" in text
    assert text.endswith("Take away “active” instead: then nobody signs in with it.")
    post(client, address("change", User, bob.pk), is_active=None)
    assert User.objects.get(pk=bob.pk).is_active is False


def test_an_administrator_sets_another_password(client: Client, bob: User) -> None:
    response = client.post(
        f"/admin/salespeople/user/{bob.pk}/password/",
        {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert response.status_code == 302
    assert User.objects.get(pk=bob.pk).check_password(PASSWORD)


@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: repr(v[:8]))
@pytest.mark.parametrize(
    "field", ["username", "first_name", "email", "role", "salesperson", "language", "time_zone",
              "theme", "is_active"],
)  # fmt: skip
def test_hostile_users_never_break_the_page(
    client: Client, bob: User, field: str, value: str
) -> None:
    response = post(client, address("change", User, bob.pk), **{field: value})

    assert response.status_code in (200, 302)
    if response.status_code == 302:
        assert client.get(address("changelist", User)).status_code == 200
        assert signed_in(User.objects.get(pk=bob.pk)).get("/").status_code == 200


# Memberships.

MEMBERS = "memberships"
HOME_TWICE = "A salesperson has one home team at a time"


def test_members_are_added_on_the_page_of_a_team(client: Client) -> None:
    team, salesperson = TeamFactory(), SalespersonFactory()

    response = post(
        client,
        address("change", Team, team.pk),
        **row(MEMBERS, 0, salesperson=salesperson.pk, is_home="on", from_on="2026-01-01"),
    )

    assert response.status_code == 302, errors(response)
    found = TeamMembership.objects.get()
    assert (found.team, found.salesperson, found.is_home) == (team, salesperson, True)
    assert (found.from_on, found.until_on) == (date(2026, 1, 1), None)


def test_a_new_membership_begins_today(client: Client) -> None:
    page = client.get(address("add", Team))

    form = page.context["inline_admin_formsets"][0].formset.empty_form

    assert form["from_on"].value() == today()


def test_a_salesperson_changes_teams_in_one_go(client: Client, bob: User) -> None:
    other = TeamFactory()
    day = today() + timedelta(days=3)

    response = post(
        client,
        address("change", Salesperson, bob.salesperson.pk),
        **{f"{MEMBERS}-0-until_on": day.isoformat()},
        **row(MEMBERS, 1, team=other.pk, is_home="on", from_on=day.isoformat()),
    )

    assert response.status_code == 302, errors(response)
    found = bob.salesperson.memberships.order_by("from_on").values_list("team__code", "until_on")
    assert list(found) == [("NORTH", day), (other.code, None)]


def test_two_home_teams_at_a_time_are_refused_on_the_page_of_the_salesperson(
    client: Client, bob: User
) -> None:
    other = TeamFactory(name="Coast")

    response = post(
        client,
        address("change", Salesperson, bob.salesperson.pk),
        **row(MEMBERS, 1, team=other.pk, is_home="on", from_on=today().isoformat()),
    )

    (text,) = errors(response)
    assert text.startswith(f"{HOME_TWICE}: Bob, ")
    assert {"North", "Coast"} <= set(text.rstrip(".").replace(",", "").split())
    assert bob.salesperson.memberships.count() == 1


def test_two_home_teams_at_a_time_are_refused_on_the_page_of_the_team(
    client: Client, bob: User
) -> None:
    team = TeamFactory()

    response = post(
        client,
        address("change", Team, team.pk),
        **row(MEMBERS, 0, salesperson=bob.salesperson.pk, is_home="on", from_on="2026-01-01"),
    )

    assert errors(response)[0].startswith(HOME_TWICE)
    assert not team.memberships.exists()


def test_a_new_salesperson_with_two_home_teams_is_refused(client: Client) -> None:
    one, other = TeamFactory(), TeamFactory()

    response = post(
        client,
        address("add", Salesperson),
        code="gro",
        name="Gro",
        **row(MEMBERS, 0, team=one.pk, is_home="on", from_on="2026-01-01")
        | row(MEMBERS, 1, team=other.pk, is_home="on", from_on="2026-02-01"),
    )

    assert errors(response)[0].startswith(f"{HOME_TWICE}: Gro, ")
    assert not Salesperson.objects.exists()


def test_a_new_team_with_the_same_member_twice_is_refused(client: Client) -> None:
    gro = SalespersonFactory(name="Gro")

    response = post(
        client,
        address("add", Team),
        code="coast",
        name="Coast",
        **row(MEMBERS, 0, salesperson=gro.pk, is_home="on", from_on="2026-01-01")
        | row(MEMBERS, 1, salesperson=gro.pk, from_on="2026-02-01"),
    )

    assert errors(response) == ["A salesperson is in a team once at a time: Gro."]


def test_other_teams_beside_the_home_are_many(client: Client, bob: User) -> None:
    others = [TeamFactory(), TeamFactory()]

    response = post(
        client,
        address("change", Salesperson, bob.salesperson.pk),
        **row(MEMBERS, 1, team=others[0].pk, from_on="2026-01-01")
        | row(MEMBERS, 2, team=others[1].pk, from_on="2026-01-01"),
    )

    assert response.status_code == 302, errors(response)
    assert bob.salesperson.memberships.filter(is_home=False).count() == 2


@pytest.mark.parametrize(
    ("first", "until", "text"),
    [
        ("2026-01-02", "2026-01-01", "The end lies before the beginning."),
        ("2026-01-01", "2026-01-01", "The end lies before the beginning."),
        ("2026-02-30", "", "Enter a valid date."),
        ("", "", "This field is required."),
        ("\x00", "", "Enter a valid date."),
        ("9" * 400, "", "Enter a valid date."),
    ],
)
def test_dates_that_are_none_are_refused_beside_the_field(
    client: Client, first: str, until: str, text: str
) -> None:
    response = post(
        client,
        address("add", Team),
        code="coast",
        name="Coast",
        **row(MEMBERS, 0, salesperson=SalespersonFactory().pk, from_on=first, until_on=until),
    )

    assert text in errors(response)
    assert not Team.objects.exists()


def test_the_last_day_of_one_home_may_be_the_first_of_the_next(client: Client) -> None:
    one, other = TeamFactory(), TeamFactory()

    response = post(
        client,
        address("add", Salesperson),
        code="gro",
        name="Gro",
        **row(MEMBERS, 0, team=one.pk, is_home="on", from_on="2026-01-01", until_on="2026-02-01")
        | row(MEMBERS, 1, team=other.pk, is_home="on", from_on="2026-02-01"),
    )

    assert response.status_code == 302, errors(response)
    assert Salesperson.objects.get().code == "GRO"


def test_a_membership_is_deleted_and_replaced_in_one_go(client: Client, bob: User) -> None:
    other = TeamFactory()

    response = post(
        client,
        address("change", Salesperson, bob.salesperson.pk),
        **{f"{MEMBERS}-0-DELETE": "on"},
        **row(MEMBERS, 1, team=other.pk, is_home="on", from_on="2020-01-01"),
    )

    assert response.status_code == 302, errors(response)
    assert bob.salesperson.memberships.get().team == other


def test_the_database_refuses_overlaps_too(bob: User) -> None:
    for options in ({"is_home": True}, {"is_home": False, "team": Team.objects.get()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TeamMembershipFactory(salesperson=bob.salesperson, **options)


def test_what_only_the_database_refuses_is_told_as_a_message(client: Client, bob: User) -> None:
    """Two rows that exchange their days collide while the first of them is saved."""
    bob.salesperson.memberships.update(until_on=date(2021, 1, 1))
    TeamMembershipFactory(salesperson=bob.salesperson, from_on=date(2021, 1, 1))
    page = address("change", Salesperson, bob.salesperson.pk)
    data = filled(client, page)

    response = client.post(
        page,
        data
        | {f"{MEMBERS}-{n}-{name}": data[f"{MEMBERS}-{1 - n}-{name}"]
           for n in (0, 1) for name in ("from_on", "until_on")},
    )  # fmt: skip

    assert said(client, response) == ["A salesperson has one home team at a time."]
    assert bob.salesperson.memberships.filter(until_on=None).get().from_on == date(2021, 1, 1)


# Salespeople and teams.


def test_a_salesperson_is_created_with_a_code_in_capitals(client: Client, bob: User) -> None:
    response = post(
        client, address("add", Salesperson), code=" gro ", name="Gro", commission_percent="12.5"
    )

    assert response.status_code == 302, errors(response)
    assert Salesperson.objects.get(name="Gro").code == "GRO"


@pytest.mark.parametrize("code", ["bob", "BOB", " Bob "])
def test_a_code_is_used_once_whatever_its_letters(client: Client, bob: User, code: str) -> None:
    response = post(client, address("add", Salesperson), code=code, name="Gro")

    assert errors(response) == ["Salesperson with this Code already exists."]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: repr(v[:8]))
@pytest.mark.parametrize(
    "field", ["code", "name", "email", "phone", "commission_percent", "user", "sees"]
)
def test_hostile_salespeople_never_break_the_page(
    client: Client, bob: User, field: str, value: str
) -> None:
    page = address("change", Salesperson, bob.salesperson.pk)

    response = post(client, page, **{field: value})

    assert response.status_code in (200, 302)
    if response.status_code == 302:
        assert field in ("code", "name", "phone")
        assert client.get(page).status_code == 200


@pytest.mark.parametrize("percent", ["-0.01", "100.01", "0.001", "NaN"])
def test_a_commission_lies_within_0_and_100_with_2_decimals(client: Client, percent: str) -> None:
    """Business Central R172."""
    response = post(
        client, address("add", Salesperson), code="GRO", name="Gro", commission_percent=percent
    )

    assert len(errors(response)) == 1


def test_a_used_salesperson_is_not_deleted_and_the_message_counts(
    client: Client, bob: User
) -> None:
    """Rules D24, Business Central R173."""
    salesperson = bob.salesperson
    at_stage(bob, 2)
    CompanyFactory(salesperson=salesperson)
    TeamFactory(manager=salesperson)
    page = address("delete", Salesperson, salesperson.pk)

    for data in (None, {"post": "yes"}):
        response = client.post(page, data) if data else client.get(page)
        (text,) = said(client, response)
        assert text.startswith("“Bob” is not deleted, because it is used by ")
        for part in ("1 opportunity", "1 contact", "1 team"):
            assert part in text
        assert text.endswith("Block it instead: then it cannot be chosen for anything new.")
    assert Salesperson.objects.filter(pk=salesperson.pk).exists()


def test_a_salesperson_who_sold_once_and_handed_it_over_is_still_used(
    client: Client, alice: User, bob: User
) -> None:
    opportunity = at_stage(bob, 1)
    lifecycle.reassign(opportunity, by=alice, salesperson=alice.salesperson)

    counts = {model.__name__: count for model, count in uses(bob.salesperson)}

    assert counts == {"OpportunityEntry": 2}


def test_a_salesperson_who_never_sold_is_deleted_with_the_memberships(
    client: Client, bob: User
) -> None:
    salesperson = bob.salesperson
    page = address("delete", Salesperson, salesperson.pk)
    assert client.get(page).status_code == 200

    assert client.post(page, {"post": "yes"}).status_code == 302

    assert not Salesperson.objects.filter(pk=salesperson.pk).exists()
    assert not TeamMembership.objects.exists()
    assert deletion_refusal(Team.objects.get()) is None


def test_a_used_salesperson_is_blocked_instead(client: Client, bob: User) -> None:
    at_stage(bob, 1)

    post(client, address("change", Salesperson, bob.salesperson.pk), is_blocked="on")

    assert Salesperson.objects.get(user=bob).is_blocked
    with pytest.raises(ValidationError):
        check_deletion(bob.salesperson)


def test_a_team_with_teams_below_is_not_deleted(client: Client) -> None:
    team = TeamFactory(name="Sales")
    TeamFactory(parent=team)
    TeamFactory(parent=team)

    response = client.post(address("delete", Team, team.pk), {"post": "yes"})

    assert said(client, response) == ["“Sales” is not deleted, because it is used by 2 teams."]


def test_a_team_is_deleted_with_its_memberships(client: Client, bob: User) -> None:
    """Business Central R174."""
    team = Team.objects.get()

    client.post(address("delete", Team, team.pk), {"post": "yes"})

    assert not Team.objects.exists()
    assert not TeamMembership.objects.exists()
    assert Salesperson.objects.filter(user=bob).exists()


def test_a_team_cannot_belong_to_itself_or_a_team_below_it(client: Client) -> None:
    top = TeamFactory()
    below = TeamFactory(parent=top)
    lowest = TeamFactory(parent=below)

    for wrong in (top, below, lowest):
        response = post(client, address("change", Team, top.pk), parent=wrong.pk)
        assert "A team cannot belong to a team below it." in errors(response)


@pytest.mark.parametrize("pk", ["999999", "x", "0", "9" * 30, "%00"])
@pytest.mark.parametrize("verb", ["change", "delete"])
def test_rows_that_are_not_there_lead_back_with_a_message(
    client: Client, verb: str, pk: str
) -> None:
    response = client.get(f"/admin/salespeople/salesperson/{pk}/{verb}/")

    assert response.status_code in (302, 404)


@pytest.mark.parametrize(
    "query",
    ["o=99", "o=-1.x", "p=-1", "p=999999", "is_blocked__exact=2", "sees__exact=%00",
     "q=%00", "q=" + "x" * 5000, "unheard=1", "id__in=a", "e=1"],
    ids=lambda q: q[:16],
)  # fmt: skip
@pytest.mark.parametrize("model", [User, Salesperson, Team])
def test_hostile_lists_never_break(client: Client, bob: User, model: Any, query: str) -> None:
    response = client.get(f"{address('changelist', model)}?{query}")

    assert response.status_code in (200, 302, 400)
