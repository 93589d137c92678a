"""Tags in the administration: renamed, coloured, merged, deleted with the number of their uses."""

from contacts import tags
from contacts.models import Tag
from opportunities import tagging
from salespeople.models import User
from tests.contacts.pages import signed_in, text_of
from tests.factories import CompanyFactory, make_opportunity

LIST = "/admin/contacts/tag/"


def test_the_list_counts_the_uses_and_merges(bob: User, dora: User) -> None:
    for name in ("Solar", "Solar", "Sun"):
        tags.add(CompanyFactory(), name, by=bob)
    tagging.add(make_opportunity(bob), "Solar", by=bob)
    client = signed_in(dora)
    chosen = {"action": "merge", "_selected_action": [tag.pk for tag in Tag.objects.all()]}

    shown = text_of(client.get(LIST))
    merged = client.post(LIST, chosen, follow=True)

    assert '<td class="field-on_contacts">2</td>' in shown
    assert '<td class="field-on_opportunities">1</td>' in shown
    assert "1 tag was merged into “Solar”." in text_of(merged)
    assert [(tag.name, tag.contacts.count()) for tag in Tag.objects.all()] == [("Solar", 3)]


def test_one_tag_alone_is_not_merged(bob: User, dora: User) -> None:
    tag = tags.add(CompanyFactory(), "Solar", by=bob)

    data = {"action": "merge", "_selected_action": [tag.pk]}
    answer = signed_in(dora).post(LIST, data, follow=True)

    assert "Choose two tags or more." in text_of(answer)


def test_deleting_says_on_how_many_rows_it_is(bob: User, dora: User) -> None:
    contact = CompanyFactory()
    tag = tags.add(contact, "Solar", by=bob)
    client = signed_in(dora)

    asked = text_of(client.get(f"{LIST}{tag.pk}/delete/"))
    client.post(f"{LIST}{tag.pk}/delete/", {"post": "yes"})

    assert "On contacts: 1. On opportunities: 0." in asked
    assert (Tag.objects.count(), contact.tags.count()) == (0, 0)


def test_renaming_to_a_name_that_another_has_is_refused(bob: User, dora: User) -> None:
    tags.add(CompanyFactory(), "Solar", by=bob)
    tag = tags.add(CompanyFactory(), "Sun", by=bob)

    data = {"name": "SOLAR", "colour": "red"}
    answer = signed_in(dora).post(f"{LIST}{tag.pk}/change/", data)

    assert "There is a tag of this name already." in text_of(answer)
    tag.refresh_from_db()
    assert (tag.name, tag.colour) == ("Sun", "blue")
