"""The pages: the list with the unread first, one notice with all its records, the choices."""

import pytest
from django.utils import timezone

from notices.kinds import USUAL
from notices.models import Notice, NoticeChoice
from opportunities import lifecycle
from salespeople.models import SiteSettings, User
from tests.admin_pages import address as admin_address
from tests.admin_pages import filled
from tests.factories import make_opportunity, make_task
from tests.opportunities.pages import at_stage, signed_in

LIST, SETTINGS = "/notices/", "/notices/settings/"


def give(alice: User, bob: User, *names: str) -> list[Notice]:
    """Let alice give bob an opportunity of each name; return the notices, in that order."""
    for name in names:
        make_opportunity(alice, salesperson=bob.salesperson, description=name)
    return list(Notice.objects.filter(user=bob).order_by("pk"))


def sentences(page: str, user: User) -> list[str]:
    """Return what the list says."""
    rows = signed_in(user).get(page).context["rows"]
    return [row.sentence.partition("“")[2].partition("”")[0] for row in rows]


def test_the_unread_stand_first_then_the_newest(alice: User, bob: User) -> None:
    notices = give(alice, bob, "One", "Two", "Three", "Four")
    Notice.objects.filter(pk__in=[notices[1].pk, notices[3].pk]).update(read_at=timezone.now())

    assert sentences(LIST, bob) == ["Three", "One", "Four", "Two"]


def test_a_row_leads_to_its_record_and_the_bell_counts(alice: User, bob: User) -> None:
    row = make_opportunity(alice, salesperson=bob.salesperson, description="A <b>new</b> roof")

    page = signed_in(bob).get(LIST).content.decode()

    assert f'<a href="/opportunities/{row.pk}/">' in page
    assert "A &lt;b&gt;new&lt;/b&gt; roof" in page
    assert "1 unread" in page


def test_pages_by_key(alice: User, bob: User) -> None:
    give(alice, bob, *[f"Roof {n}" for n in range(55)])
    client = signed_in(bob)

    first = client.get(LIST)
    second = client.get(LIST, {"cursor": first.context["page"].next_cursor})

    found = [row.sentence for row in [*first.context["rows"], *second.context["rows"]]]
    assert [len(first.context["rows"]), len(second.context["rows"])] == [50, 5]
    assert found == [f"alice assigned “Roof {n}” to you" for n in reversed(range(55))]


def test_filter_by_kind(alice: User, bob: User) -> None:
    give(alice, bob, "A new roof")
    make_task(alice, salesperson=bob.salesperson, description="Call Kari")

    found = [sentences(f"{LIST}?kind={kind}", bob) for kind in ("assigned", "task", "quote")]

    assert found == [["A new roof"], ["Call Kari"], []]


@pytest.mark.parametrize("query", ["kind=digest", "kind=no", "cursor=x", "page=2", "kind=a&kind=b"])
def test_what_it_does_not_know_is_refused(bob: User, query: str) -> None:
    assert signed_in(bob).get(f"{LIST}?{query}").status_code == 400


def test_without_notices_it_says_so(bob: User) -> None:
    client = signed_in(bob)

    assert b"Nobody has told you anything yet" in client.get(LIST).content
    assert b"Nothing of this kind" in client.get(f"{LIST}?kind=task").content


def test_one_is_marked_as_read_and_as_unread_again(alice: User, bob: User) -> None:
    (notice,) = give(alice, bob, "A new roof")
    client = signed_in(bob)

    answer = client.post(f"{LIST}{notice.pk}/read/", {"next": f"{LIST}?kind=assigned"})
    assert answer["Location"] == f"{LIST}?kind=assigned"
    assert Notice.objects.unread().count() == 0

    client.post(f"{LIST}{notice.pk}/read/", {"unread": "1"})
    assert Notice.objects.unread().count() == 1


def test_all_of_a_kind_or_all_are_marked_as_read(alice: User, bob: User, charlie: User) -> None:
    give(alice, bob, "A new roof")
    give(alice, charlie, "Another roof")
    make_task(alice, salesperson=bob.salesperson)
    client = signed_in(bob)

    client.post(f"{LIST}read/", {"kind": "task"})
    assert [n.kind for n in bob.notices.unread()] == ["assigned"]

    client.post(f"{LIST}read/")
    assert (bob.notices.unread().count(), charlie.notices.unread().count()) == (0, 1)
    assert client.post(f"{LIST}read/", {"kind": "no"}).status_code == 400


def test_reading_by_get_is_refused(alice: User, bob: User) -> None:
    (notice,) = give(alice, bob, "A new roof")

    assert signed_in(bob).get(f"{LIST}{notice.pk}/read/").status_code == 405
    assert signed_in(bob).post(LIST).status_code == 405


def test_a_notice_of_many_shows_three_and_leads_to_all(alice: User, bob: User) -> None:
    with lifecycle.one_act():
        rows = [
            lifecycle.reassign(
                make_opportunity(alice, description=f"Roof {n}"),
                by=alice,
                salesperson=bob.salesperson,
            )
            for n in range(12)
        ]
    notice = Notice.objects.get()
    client = signed_in(bob)

    (row,) = client.get(LIST).context["rows"]
    page = client.get(row.url)

    assert row.sentence == "alice assigned 12 opportunities to you"
    assert ([line.name for line in row.lines], row.more) == (["Roof 0", "Roof 1", "Roof 2"], 9)
    assert row.url == f"{LIST}{notice.pk}/"
    assert [line.url for line in page.context["lines"]] == [
        f"/opportunities/{each.pk}/" for each in rows
    ]


def test_a_mention_shows_what_was_written(alice: User, bob: User) -> None:
    lifecycle.update(at_stage(bob, 1), by=alice, note="@bob: look at <this>")

    assert b"@bob: look at &lt;this&gt;" in signed_in(bob).get(LIST).content


def test_until_somebody_chooses_the_usual_holds(bob: User) -> None:
    form = signed_in(bob).get(SETTINGS).context["form"]

    found = [(app.value(), mail.value()) for _usual, app, mail in form.rows()]
    assert found == [(True, usual.mail) for usual in USUAL.values()]
    assert form["mail_digest"].value()


def test_a_choice_is_saved_and_shown(bob: User) -> None:
    client = signed_in(bob)
    data = {f"{kind}_mail": "daily" for kind in USUAL} | {"task_app": "on"}

    assert client.post(SETTINGS, data)["Location"] == SETTINGS

    form = client.get(SETTINGS).context["form"]
    found = {kind: (form[f"{kind}_app"].value(), form[f"{kind}_mail"].value()) for kind in USUAL}
    assert found == {kind: (kind == "task", "daily") for kind in USUAL}
    assert not User.objects.get(pk=bob.pk).mail_digest

    client.post(SETTINGS, data | {"mail_digest": "on", "task_mail": ""})
    assert User.objects.get(pk=bob.pk).mail_digest
    assert NoticeChoice.objects.get(user=bob, kind="task").mail == ""
    assert NoticeChoice.objects.count() == len(USUAL)


def test_an_unknown_channel_is_refused_and_changes_nothing(bob: User) -> None:
    answer = signed_in(bob).post(SETTINGS, {"task_mail": "pigeon"})

    assert answer.status_code == 422
    assert "task_mail" in answer.context["form"].errors
    assert NoticeChoice.objects.count() == 0


def test_administrators_set_the_threshold_of_the_site_once(dora: User) -> None:
    client = signed_in(dora)
    page = admin_address("add", SiteSettings)
    data = filled(client, page)
    assert data["big_win_value"] == "1000000"

    client.post(page, data | {"big_win_value": "250000"})

    assert SiteSettings.current().big_win_value == 250_000
    assert client.get(page).status_code == 403
    refused = client.post(admin_address("change", SiteSettings, 1), {"big_win_value": "0"})
    assert refused.context["adminform"].form.errors["big_win_value"] == [
        "Ensure this value is greater than or equal to 1."
    ]
    client.post(admin_address("change", SiteSettings, 1), {"big_win_value": ""})
    assert SiteSettings.current().big_win_value is None
