"""Tags: one per name in whatever case, put on and taken off in place, merged by administrators."""

from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from contacts import tags
from contacts.models import Contact, Tag
from opportunities import lifecycle as opportunities
from opportunities import tagging
from salespeople.models import User
from tests.contacts.pages import signed_in, text_of
from tests.factories import CloseReasonFactory, CompanyFactory, make_opportunity


def names(row: Any) -> list[str]:
    return [tag.name for tag in row.tags.all()]


def test_a_tag_is_made_when_it_is_typed(bob: User) -> None:
    contact = CompanyFactory()

    tags.add(contact, "  Solar   roof ", by=bob)

    assert names(contact) == ["Solar roof"]


def test_the_same_name_in_other_case_is_the_same_tag(bob: User) -> None:
    contact = CompanyFactory()
    first = tags.add(contact, "Øst", by=bob)
    opportunity = make_opportunity(bob, contact=contact)

    again = tags.add(contact, "øST", by=bob)
    other = tagging.add(opportunity, "øst", by=bob)

    assert {first, again, other} == set(Tag.objects.all())
    assert (names(contact), names(opportunity)) == (["Øst"], ["Øst"])


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "nul\x00", "\u202eabc", "a\x07"])
def test_what_is_no_name_is_refused(bob: User, name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        tags.add(CompanyFactory(), name, by=bob)

    assert list(caught.value.message_dict) == ["name"]
    assert not Tag.objects.exists()


def test_a_row_has_at_most_twenty_tags(bob: User) -> None:
    contact = CompanyFactory()
    for n in range(20):
        tags.add(contact, f"Tag {n}", by=bob)

    tags.add(contact, "tag 3", by=bob)
    with pytest.raises(ValidationError, match="At most 20 tags"):
        tags.add(contact, "One more", by=bob)

    assert contact.tags.count() == 20


def test_taking_off_twice_is_once(bob: User) -> None:
    contact = CompanyFactory()
    tag = tags.add(contact, "Solar", by=bob)

    tags.remove(contact, tag, by=bob)
    tags.remove(contact, tag, by=bob)

    assert names(contact) == []


def test_closed_ones_may_be_tagged_and_deleted_ones_not(bob: User) -> None:
    closed = opportunities.lose(
        make_opportunity(bob, stage=1), by=bob, reason=CloseReasonFactory(kind="lost")
    )
    gone = opportunities.delete(make_opportunity(bob), by=bob)

    tagging.add(closed, "Price", by=bob)
    with pytest.raises(ValidationError, match="has been deleted"):
        tagging.add(gone, "Price", by=bob)

    assert (names(closed), names(gone)) == (["Price"], [])


def test_what_one_may_not_see_is_not_tagged(bob: User, charlie: User) -> None:
    theirs = make_opportunity(charlie)

    with pytest.raises(type(theirs).DoesNotExist):
        tagging.add(theirs, "Mine", by=bob)


@pytest.mark.django_db(transaction=True)
def test_two_who_type_the_same_new_tag_at_once_make_one(bob: User) -> None:
    contacts = [CompanyFactory(), CompanyFactory()]
    start, failed = Barrier(2), []

    def type_it(contact: Contact, name: str) -> None:
        try:
            start.wait()
            tags.add(contact, name, by=bob)
        except Exception as error:  # noqa: BLE001 - told to the test
            failed.append(error)
        finally:
            connections.close_all()

    threads = [
        Thread(target=type_it, args=pair) for pair in zip(contacts, ("solar", "SOLAR"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert Tag.objects.count() == 1
    assert [contact.tags.count() for contact in contacts] == [1, 1]


def test_merging_keeps_the_tag_that_is_used_most(bob: User) -> None:
    one, two, three = (CompanyFactory() for _n in range(3))
    for contact in (one, two):
        tags.add(contact, "Solar", by=bob)
    tags.add(two, "Sun", by=bob)
    opportunity = make_opportunity(bob, contact=three)
    tagging.add(opportunity, "Sun roof", by=bob)

    kept, gone = tags.merge(Tag.objects.all())

    assert (kept.name, gone) == ("Solar", 2)
    assert [tag.name for tag in Tag.objects.all()] == ["Solar"]
    assert {row.pk for row in kept.contacts.all()} == {one.pk, two.pk}
    assert list(kept.opportunities.all()) == [opportunity]


def test_the_form_in_place_adds_and_takes_off(bob: User) -> None:
    contact = CompanyFactory()
    client = signed_in(bob)

    added = client.post(f"/contacts/{contact.pk}/tag/", {"name": "Solar"}, follow=True)
    tag = contact.tags.get()
    page = text_of(added)
    taken = client.post(f"/contacts/{contact.pk}/untag/", {"tag": tag.pk}, follow=True)

    assert f'href="/contacts/?tag={tag.pk}"' in page
    assert f'action="/contacts/{contact.pk}/untag/"' in page
    assert "The tag “Solar” was taken off." in text_of(taken)
    assert not contact.tags.exists()


def test_a_refused_tag_answers_422_beside_the_field(bob: User) -> None:
    contact = CompanyFactory()

    answer = signed_in(bob).post(f"/contacts/{contact.pk}/tag/", {"name": "x" * 41})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["name"])


@pytest.mark.parametrize("tag", ["", "0", "x", "9" * 30, "-1"])
def test_taking_off_what_is_no_tag_is_404(bob: User, tag: str) -> None:
    contact = CompanyFactory()

    assert signed_in(bob).post(f"/contacts/{contact.pk}/untag/", {"tag": tag}).status_code == 404


def test_several_tags_in_the_filter_must_all_be_there(bob: User) -> None:
    both, one, none = (CompanyFactory(name=name) for name in ("Both", "One", "None"))
    first, second = (tags.add(both, name, by=bob) for name in ("A", "B"))
    tags.add(one, "A", by=bob)
    client = signed_in(bob)

    def listed(query: str) -> list[str]:
        return [row.name for row in client.get(f"/contacts/?{query}").context["page"].rows]

    assert listed("") == ["Both", "None", "One"]
    assert listed(f"tag={first.pk}") == ["Both", "One"]
    assert listed(f"tag={first.pk}&tag={second.pk}") == ["Both"]
    assert none.name == "None"


def test_each_tag_of_the_filter_has_a_chip_that_takes_it_away(bob: User) -> None:
    contact = CompanyFactory()
    first, second = (tags.add(contact, name, by=bob) for name in ("A", "B"))

    answer = signed_in(bob).get(f"/contacts/?tag={first.pk}&tag={second.pk}")

    assert [(chip.text, chip.without) for chip in answer.context["chips"]] == [
        ("tagged “A”", f"?tag={second.pk}"),
        ("tagged “B”", f"?tag={first.pk}"),
    ]


def test_the_opportunities_filter_reads_tags_too(bob: User) -> None:
    wanted, other = make_opportunity(bob), make_opportunity(bob)
    tag = tagging.add(wanted, "A", by=bob)
    tagging.add(other, "B", by=bob)

    answer = signed_in(bob).get(f"/opportunities/?tag={tag.pk}")

    assert [row.pk for row in answer.context["page"].rows] == [wanted.pk]


@pytest.mark.parametrize("query", ["tag=x", "tag=99999999", "tag=-1", "tag=1&tag=" + "9" * 30])
def test_a_tag_that_cannot_be_read_is_refused(bob: User, query: str) -> None:
    client = signed_in(bob)

    assert client.get(f"/contacts/?{query}").status_code == 400
    assert client.get(f"/opportunities/?{query}").status_code == 400


def test_an_empty_choice_is_left_out_of_the_address(bob: User) -> None:
    tag = tags.add(CompanyFactory(), "A", by=bob)

    answer = signed_in(bob).get(f"/contacts/?tag={tag.pk}&tag=&q=")

    assert answer["Location"] == f"/contacts/?tag={tag.pk}"


def test_tags_are_suggested_while_one_types(bob: User) -> None:
    for name in ("Solar", "Solid", "Wind"):
        tags.add(CompanyFactory(), name, by=bob)

    answer = signed_in(bob).get("/contacts/suggest/tags/?q=sol")

    assert answer.json() == {"names": ["Solar", "Solid"]}
