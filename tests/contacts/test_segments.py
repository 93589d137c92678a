"""Segments: saved lists of contacts (R234, R236 with rules D19, D22, D24)."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from contacts import lifecycle, segments
from contacts.models import Contact, Segment
from opportunities import lifecycle as opportunities
from salespeople.models import User
from tests.contacts.pages import queries, signed_in, text_of
from tests.factories import (
    CampaignFactory,
    CompanyFactory,
    PersonFactory,
    SalespersonFactory,
    make_opportunity,
)


def made(by: User, *contacts: Contact, **values: Any) -> Segment:
    segment = segments.create(by=by, **{"description": "Roofs", **values})
    segments.add(segment, of(*contacts), by=by)
    return segment


def of(*contacts: Contact) -> Any:
    return Contact.objects.filter(pk__in=[contact.pk for contact in contacts])


def names(segment: Segment) -> list[str]:
    return [row.contact.name for row in segment.rows.select_related("contact")]


def test_r234_a_segment_has_a_description_a_salesperson_and_a_campaign(bob: User) -> None:
    campaign = CampaignFactory()

    segment = made(bob, description="  Roofs   west ", campaign=campaign, salesperson=None)

    assert (segment.description, segment.campaign, segment.created_by) == (
        "Roofs west", campaign, bob,
    )  # fmt: skip


def test_each_contact_is_in_it_once_and_blocked_ones_are_left_out(bob: User) -> None:
    one, two = CompanyFactory(name="One"), CompanyFactory(name="Two")
    blocked = CompanyFactory(is_blocked=True)
    inside = PersonFactory(company=blocked)
    segment = made(bob, one)

    added = segments.add(segment, of(one, two, blocked, inside), by=bob)

    assert added == segments.Added(new=1, there=1, blocked=2)
    assert names(segment) == ["One", "Two"]


def test_pasted_numbers_and_addresses_are_found_in_any_spelling(bob: User) -> None:
    by_number, by_digits = CompanyFactory(name="A"), CompanyFactory(name="B")
    by_mail = CompanyFactory(name="C", email="Post@Roof.example")
    for name in ("D", "E"):
        CompanyFactory(name=name, email="same@roof.example")
    segment = made(bob, by_digits)
    text = (
        f"{by_number.number.lower()}, {by_digits.pk};<post@ROOF.example>\n"
        "same@roof.example C999999 nobody@roof.example word"
    )

    added = segments.add_pasted(segment, text, by=bob)

    assert names(segment) == ["B", "A", "C"]
    assert added == segments.Added(
        new=2,
        there=1,
        unknown=["C999999", "nobody@roof.example", "word"],
        unclear=["same@roof.example"],
    )
    assert by_mail.segments.get() == segment


@pytest.mark.parametrize("text", ["", " , ; \n", "\x00"])
def test_nothing_pasted_is_refused(bob: User, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        segments.add_pasted(made(bob), text, by=bob)

    assert list(caught.value.message_dict) == ["text"]


def test_too_much_pasted_is_refused(bob: User) -> None:
    with pytest.raises(ValidationError, match="At most 5000 at once"):
        segments.add_pasted(made(bob), " ".join(map(str, range(1, 5002))), by=bob)


@pytest.mark.parametrize("text", ["9" * 400, "C" + "9" * 30, "<script>", "a@b@c", "\u202e1"])
def test_hostile_words_are_not_found(bob: User, text: str) -> None:
    added = segments.add_pasted(made(bob), text, by=bob)

    assert added.new == 0
    assert len(added.unknown) == 1


def test_taking_out_is_by_contact_and_twice_is_once(bob: User) -> None:
    one, two = CompanyFactory(name="One"), CompanyFactory(name="Two")
    segment = made(bob, one, two)

    assert segments.remove(segment, [one.pk], by=bob) == 1
    assert segments.remove(segment, [one.pk, 10**17], by=bob) == 0
    assert names(segment) == ["Two"]


def test_who_may_change_it(alice: User, bob: User, charlie: User) -> None:
    """A manager, whoever made it, and its salesperson."""
    segment = made(bob, salesperson=None)
    theirs = segments.create(by=alice, description="Theirs", salesperson=charlie.salesperson)

    assert [segments.may_change(segment, by=user) for user in (alice, bob, charlie)] == [
        True, True, False,
    ]  # fmt: skip
    assert [segments.may_change(theirs, by=user) for user in (alice, bob, charlie)] == [
        True, False, True,
    ]  # fmt: skip
    with pytest.raises(PermissionDenied, match="the person who made it"):
        segments.add(segment, of(), by=charlie)


def test_r236_deleting_takes_the_list_and_not_the_contacts(bob: User) -> None:
    contact = CompanyFactory()
    segment = made(bob, contact)

    segments.delete(segment, by=bob)

    assert not Segment.objects.exists()
    assert Contact.objects.filter(pk=contact.pk).exists()


def test_r236_one_that_an_opportunity_names_is_kept_d19(bob: User) -> None:
    segment = made(bob)
    opportunities.delete(make_opportunity(bob, segment=segment), by=bob)

    with pytest.raises(ValidationError, match="it is used by 1 opportunity"):
        segments.delete(segment, by=bob)

    assert Segment.objects.exists()


def test_r215_a_contact_in_a_segment_is_not_deleted(bob: User) -> None:
    contact = CompanyFactory(name="Fjord")
    segment = made(bob, contact)

    with pytest.raises(ValidationError) as caught:
        lifecycle.delete(contact, by=bob)

    assert caught.value.messages[0] == (
        "“Fjord” is not deleted, because it is used by 1 listing in a segment."
    )
    segments.remove(segment, [contact.pk], by=bob)
    lifecycle.delete(contact, by=bob)
    assert not Contact.objects.filter(pk=contact.pk).exists()


def test_a_salesperson_of_another_team_is_for_managers(
    alice: User, bob: User, charlie: User
) -> None:
    with pytest.raises(PermissionDenied):
        segments.create(by=bob, description="Roofs", salesperson=charlie.salesperson)
    segments.create(by=alice, description="Roofs", salesperson=charlie.salesperson)
    blocked = SalespersonFactory(is_blocked=True)
    with pytest.raises(ValidationError):
        segments.create(by=alice, description="Roofs", salesperson=blocked)


@pytest.mark.parametrize("description", ["", "  ", "x" * 101, "nul\x00"])
def test_what_is_no_description_is_refused(bob: User, description: str) -> None:
    with pytest.raises(ValidationError) as caught:
        segments.create(by=bob, description=description)

    assert list(caught.value.message_dict) == ["description"]


def test_the_pages_add_paste_and_take_out(bob: User) -> None:
    contact = CompanyFactory(name="Fjord", email="post@fjord.example")
    segment = made(bob)
    client = signed_in(bob)
    home = f"/segments/{segment.pk}/"

    added = client.post(f"{home}add/", {"contact": f"Fjord ({contact.number})"}, follow=True)
    pasted = client.post(f"{home}paste/", {"text": "post@fjord.example, C777777"}, follow=True)
    shown = text_of(client.get(home))
    taken = client.post(f"{home}remove/", {"contact": contact.pk}, follow=True)

    assert "1 contact was added." in text_of(added)
    assert "0 contacts were added. 1 was there already." in text_of(pasted)
    assert "Not found: C777777" in text_of(pasted)
    assert f'href="/contacts/{contact.pk}/">Fjord' in shown
    assert "1 contact was taken out." in text_of(taken)
    assert not segment.rows.exists()


@pytest.mark.parametrize(
    ("verb", "data", "field"),
    [
        ("add", {"contact": "Nobody"}, "contact"),
        ("add", {"contact": "\x00"}, "contact"),
        ("paste", {"text": ""}, "text"),
        ("paste", {"text": "x" * 200_001}, "text"),
    ],
)
def test_a_refusal_stands_beside_its_field(
    bob: User, verb: str, data: dict[str, str], field: str
) -> None:
    segment = made(bob)

    answer = signed_in(bob).post(f"/segments/{segment.pk}/{verb}/", data)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_all_that_match_the_filter_of_the_contacts_are_added_to_a_new_segment(bob: User) -> None:
    for name in ("Solar One", "Solar Two", "Wind"):
        CompanyFactory(name=name)
    client = signed_in(bob)

    listed = client.get("/contacts/?q=solar")
    asked = client.get("/segments/add_matching/?q=solar")
    answer = client.post("/segments/add_matching/?q=solar", {"name": "Sun"}, follow=True)

    assert "Add these 2 contacts to a segment" in text_of(listed)
    assert 'href="/segments/add_matching/?q=solar"' in text_of(listed)
    assert asked.context["number"] == 2
    assert "2 contacts were added." in text_of(answer)
    assert names(Segment.objects.get(description="Sun")) == ["Solar One", "Solar Two"]


def test_they_are_added_to_a_segment_that_is_there(bob: User) -> None:
    contact = CompanyFactory(name="Solar")
    segment = made(bob, contact)

    answer = signed_in(bob).post("/segments/add_matching/?q=solar", {"segment": segment.pk})

    assert answer["Location"] == f"/segments/{segment.pk}/"
    assert names(segment) == ["Solar"]


@pytest.mark.parametrize("data", [{}, {"name": "A", "segment": "x"}, {"segment": "999"}])
def test_adding_asks_for_one_segment(bob: User, data: dict[str, str]) -> None:
    CompanyFactory(name="Solar")

    answer = signed_in(bob).post("/segments/add_matching/?q=solar", data)

    assert answer.status_code == 422
    assert not Segment.objects.exists()


def test_the_second_of_two_is_told(alice: User, bob: User) -> None:
    segment = made(bob)
    client = signed_in(bob)
    form = {"description": "Mine", "seen": 0}
    segments.edit(segment, by=alice, description="Hers")

    answer = client.post(f"/segments/{segment.pk}/edit/", form)

    assert answer.status_code == 409
    assert "alice has changed it" in text_of(answer)
    segment.refresh_from_db()
    assert segment.description == "Hers"
    again = client.post(f"/segments/{segment.pk}/edit/", form | {"seen": 1})
    assert again.status_code == 302
    segment.refresh_from_db()
    assert segment.description == "Mine"


def test_1000_contacts_are_added_and_shown_in_as_many_queries_as_one(
    bob: User, django_assert_num_queries: Any
) -> None:
    segment = made(bob, CompanyFactory())
    client = signed_in(bob)
    few = queries(client, f"/segments/{segment.pk}/")
    Contact.objects.bulk_create(
        Contact(name=f"Company {n}", kind="company", created_by=bob) for n in range(1000)
    )

    added = segments.add(segment, Contact.objects.all(), by=bob)

    assert added.new == 1000
    assert queries(client, f"/segments/{segment.pk}/") == few


@pytest.mark.parametrize("page", ["/segments/", "/campaigns/"])
def test_the_filter_offers_only_salespeople_whom_one_sees(
    bob: User, charlie: User, page: str
) -> None:
    text = signed_in(bob).get(page).content.decode()

    assert f'<option value="{bob.salesperson.pk}">' in text
    assert f'<option value="{charlie.salesperson.pk}">' not in text
