"""What can be done from the box: in two languages, for those who may."""

import pytest

from salespeople.models import User
from search.commands import commands_for
from search.typed import read
from tests.factories import CompanyFactory, PersonFactory
from tests.opportunities.pages import signed_in


def labels(text: str, user: User) -> list[str]:
    """Return what is offered for a text."""
    return [command.label for command in commands_for(read(text), user)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("new opp", "New opportunity"),
        ("ny salgs", "New opportunity"),
        ("opprett mulighet", None),
        ("new company", "New company"),
        ("nytt firma", "New company"),
        ("ny person", "New person"),
        ("new task", "New task"),
        ("ny oppgave", "New task"),
        ("pipeline", "Go to the pipeline"),
        ("go to my day", "Go to my day"),
        ("min dag", "Go to my day"),
        ("gå til oppgaver", "Go to tasks"),
        ("åpne tilbud", "Go to quotes"),
        ("kontakter", "Go to contacts"),
        ("tilbud", "Go to quotes"),
        ("shortcuts", "Keyboard shortcuts"),
    ],
)
def test_commands_are_understood_in_both_languages(bob: User, text: str, first: str | None) -> None:
    assert next(iter(labels(text, bob)), None) == first


def test_words_that_are_no_command_offer_none(bob: User) -> None:
    assert labels("solberg transport", bob) == []


def test_an_opportunity_a_task_a_person_for_whoever_is_named(bob: User) -> None:
    company = CompanyFactory(name="Nordvik AS")
    person = PersonFactory(name="Kari Nordvik")
    CompanyFactory(name="Nordvik Blocked AS", is_blocked=True)

    def urls(text: str) -> list[str]:
        return [command.url for command in commands_for(read(text), bob)]

    both = [f"contact={company.pk}", f"contact={person.pk}"]
    assert urls("new opportunity for nordvik") == [f"/opportunities/create/?{one}" for one in both]
    assert urls("ny salgsmulighet for nordvik") == urls("new opportunity nordvik")
    assert urls("new task for nordvik") == [f"/tasks/create/?{one}" for one in both]
    assert urls("ny person hos nordvik") == [f"/contacts/create/?company={company.pk}"]
    for url in urls("new opportunity for nordvik") + urls("new person at nordvik"):
        assert signed_in(bob).get(url).status_code == 200


def test_everybody_is_offered_what_he_or_she_may_do(bob: User, alice: User, dora: User) -> None:
    deleted, admin = "Go to deleted opportunities", "Go to the administration"

    assert {deleted, admin} & set(labels("", bob)) == set()
    assert {deleted, admin} & set(labels("", alice)) == {deleted}
    assert {deleted, admin} & set(labels("", dora)) == {deleted, admin}


def test_every_command_leads_to_a_page(dora: User) -> None:
    for command in commands_for(read(""), dora):
        assert signed_in(dora).get(command.url).status_code == 200, command.url


def test_the_page_of_results_offers_commands_as_links(bob: User) -> None:
    page = signed_in(bob).get("/search/", {"q": "new task"}).content.decode()

    assert 'class="btn" href="/tasks/create/"' in page
