"""The pages where a contact is created and edited."""

import pytest
from django.test import Client

from contacts import lifecycle
from contacts.models import Contact
from salespeople.models import User
from tests.contacts.pages import fields_of, signed_in, text_of
from tests.factories import CompanyFactory, IndustryFactory, PersonFactory, SalespersonFactory

CREATE = "/contacts/create/"


def edit_page(contact: Contact) -> str:
    return f"/contacts/{contact.pk}/edit/"


def test_create_page_offers_the_fields_of_the_kind(bob: User) -> None:
    client = signed_in(bob)
    company = fields_of(client.get(CREATE))
    person = fields_of(client.get(f"{CREATE}?kind=person"))
    shared = {
        "phone", "mobile_phone", "email", "website", "address", "address_2", "post_code", "city",
        "country", "salesperson", "language", "kind",
    }  # fmt: skip
    assert company.keys() - shared == {"name", "industry"}
    assert person.keys() - shared == {
        "first_name", "middle_name", "surname", "salutation", "company", "job_title",
    }  # fmt: skip
    assert (company["kind"], person["kind"]) == ("company", "person")
    assert company["salesperson"] == str(bob.salesperson.pk)


def test_create_page_creates_a_company_and_goes_there(bob: User) -> None:
    client = signed_in(bob)
    typed = fields_of(client.get(CREATE)) | {
        "name": "Fjord Energi", "phone": "22 33 44 55", "website": "fjord.example",
        "country": "norway", "industry": str(IndustryFactory(name="Power").pk),
    }  # fmt: skip
    answer = client.post(CREATE, typed, follow=True)
    company = Contact.objects.get()
    assert answer.redirect_chain == [(f"/contacts/{company.pk}/", 302)]
    assert "“Fjord Energi” was created." in text_of(answer)
    assert (company.kind, company.created_by, company.country) == ("company", bob, "NO")
    assert (company.phone, company.website) == ("+47 22 33 44 55", "https://fjord.example")
    assert (company.salesperson, company.industry.name) == (bob.salesperson, "Power")


def test_create_page_creates_a_person_from_the_parts_of_the_name_r213(bob: User) -> None:
    client = signed_in(bob)
    page = f"{CREATE}?kind=person"
    typed = fields_of(client.get(page)) | {"first_name": "Kari", "surname": "Nordmann"}
    assert client.post(page, typed).status_code == 302
    assert Contact.objects.get().name == "Kari Nordmann"


def test_create_page_of_a_company_makes_a_person_of_it_r208(alice: User, bob: User) -> None:
    company = CompanyFactory(
        salesperson=bob.salesperson, phone="+47 22 33 44 55", city="Oslo", country="NO"
    )
    client = signed_in(alice)
    page = f"{CREATE}?company={company.pk}"
    shown = fields_of(client.get(page))
    assert (shown["kind"], shown["company"]) == ("person", str(company.pk))
    assert (shown["phone"], shown["city"], shown["country"]) == (
        "+47 22 33 44 55", "Oslo", "Norway",
    )  # fmt: skip
    assert shown["salesperson"] == str(bob.salesperson.pk)
    client.post(page, shown | {"surname": "Nordmann", "phone": "", "city": "Bergen"})
    person = company.people.get()
    assert (person.phone, person.city, person.country) == ("", "Bergen", "NO")
    assert person.salesperson == bob.salesperson


def test_create_page_of_a_company_keeps_a_salesperson_of_another_team_r208(
    bob: User, charlie: User
) -> None:
    company = CompanyFactory(salesperson=charlie.salesperson)
    client = signed_in(bob)
    page = f"{CREATE}?company={company.pk}"
    typed = fields_of(client.get(page)) | {"surname": "Nordmann"}
    assert client.post(page, typed).status_code == 302
    assert company.people.get().salesperson == charlie.salesperson


def test_create_page_fills_in_from_a_company_chosen_in_the_form_r209(bob: User) -> None:
    company = CompanyFactory(
        salesperson=SalespersonFactory(), phone="+47 22 33 44 55", city="Oslo", language="nb"
    )
    client = signed_in(bob)
    page = f"{CREATE}?kind=person"
    typed = fields_of(client.get(page)) | {
        "surname": "Nordmann", "company": str(company.pk), "phone": "22 33 44 66",
    }  # fmt: skip
    client.post(page, typed)
    person = company.people.get()
    assert (person.phone, person.city, person.language) == ("+47 22 33 44 66", "Oslo", "nb")
    assert person.salesperson == company.salesperson


@pytest.mark.parametrize(
    "field, typed, sentence",
    [
        ("name", " ", "This field is required."),
        ("phone", "22 33 CALL", "A phone number holds no letters."),
        ("phone", "22334455/66", "“22334455/66” is too short or too long"),
        ("email", "kari at fjord", "Enter a valid email address."),
        ("website", "javascript:alert(1)", "Enter a valid URL."),
        ("country", "Atlantis", "There is no country of this name."),
        ("salesperson", "0", "There is no such choice"),
        ("industry", "abc", "There is no such choice"),
        ("language", "tlh", "is not one of the available choices"),
    ],
)
def test_create_page_shows_a_refusal_beside_its_field(
    bob: User, field: str, typed: str, sentence: str
) -> None:
    client = signed_in(bob)
    answer = client.post(CREATE, {"name": "Fjord", field: typed})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert sentence in answer.context["form"].errors[field][0]
    assert f'name="{field}"' in text_of(answer)
    assert not Contact.objects.exists()


def test_create_page_refuses_a_person_without_a_name_and_an_empty_form(bob: User) -> None:
    client = signed_in(bob)
    answer = client.post(CREATE, {"kind": "person", "first_name": ""})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["surname"])
    assert client.post(CREATE, {}).status_code == 422


def test_create_page_does_not_give_to_another_team(bob: User, charlie: User) -> None:
    typed = {"name": "Fjord", "salesperson": str(charlie.salesperson.pk)}
    answer = signed_in(bob).post(CREATE, typed)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["salesperson"])


def test_create_page_escapes_what_was_typed(bob: User) -> None:
    client = signed_in(bob)
    answer = client.post(CREATE, {"name": "<script>1</script>"}, follow=True)
    assert "<script>1" not in text_of(answer)
    assert "&lt;script&gt;1" in text_of(answer)


@pytest.mark.parametrize(
    "query", ["kind=robot", "colour=red", "company=abc", "company=1&company=2"]
)
def test_create_page_refuses_what_it_does_not_know(bob: User, query: str) -> None:
    assert signed_in(bob).get(f"{CREATE}?{query}").status_code == 400


def test_create_page_of_an_unknown_company_is_404_and_of_a_blocked_one_400(bob: User) -> None:
    client = signed_in(bob)
    person, blocked = PersonFactory(), CompanyFactory(name="Fjell", is_blocked=True)
    assert client.get(f"{CREATE}?company=999999").status_code == 404
    assert client.get(f"{CREATE}?company={person.pk}").status_code == 404
    answer = client.get(f"{CREATE}?company={blocked.pk}")
    assert answer.status_code == 400
    assert "“Fjell” is blocked for anything new." in text_of(answer)
    assert client.get(f"{CREATE}?company={person.pk}&kind=company").status_code == 404


def test_create_and_edit_pages_are_for_who_is_signed_in(db: None) -> None:
    company = CompanyFactory(name="Fjord")
    client = Client()
    for page in (CREATE, edit_page(company)):
        for answer in (client.get(page), client.post(page, {"name": "Mine"})):
            assert (answer.status_code, answer["Location"]) == (
                302, f"/accounts/login/?next={page}",
            )  # fmt: skip
    assert Contact.objects.get().name == "Fjord"


def test_pages_refuse_other_methods(bob: User) -> None:
    company = CompanyFactory()
    client = signed_in(bob)
    assert client.put(CREATE).status_code == 405
    assert client.delete(edit_page(company)).status_code == 405


def test_edit_page_changes_what_was_typed_and_nothing_else(bob: User) -> None:
    person = lifecycle.create(
        by=bob, kind="person", name="Kari Anne Nordmann", phone="22 33 44 55", country="NO"
    )
    client = signed_in(bob)
    shown = fields_of(client.get(edit_page(person)))
    assert (shown["first_name"], shown["middle_name"]) == ("Kari", "Anne")
    answer = client.post(edit_page(person), shown | {"surname": "Lie"}, follow=True)
    assert answer.redirect_chain == [(f"/contacts/{person.pk}/", 302)]
    assert "“Kari Anne Lie” was saved." in text_of(answer)
    person.refresh_from_db()
    assert (person.name, person.phone, person.country) == (
        "Kari Anne Lie", "+47 22 33 44 55", "NO",
    )  # fmt: skip
    assert person.changed_by == bob


def test_edit_page_without_a_change_says_so(bob: User) -> None:
    company = CompanyFactory(salesperson=SalespersonFactory(), industry=IndustryFactory())
    client = signed_in(bob)
    shown = fields_of(client.get(edit_page(company)))
    answer = client.post(edit_page(company), shown, follow=True)
    assert "Nothing has changed." in text_of(answer)
    company.refresh_from_db()
    assert company.changed_at is None


def test_edit_page_moves_a_person_to_a_company_among_more_than_50(bob: User) -> None:
    for _ in range(51):
        CompanyFactory()
    fjord = CompanyFactory(name="Fjord", phone="+47 22 33 44 55")
    person = PersonFactory(company=fjord)
    fjell = CompanyFactory(name="Fjell", phone="+47 22 33 44 66")
    client = signed_in(bob)
    shown = fields_of(client.get(edit_page(person)))
    assert shown["company"] == f"Fjord ({fjord.number})"
    client.post(edit_page(person), shown | {"company": f"Fjell ({fjell.number})"})
    person.refresh_from_db()
    assert (person.company, person.phone) == (fjell, "+47 22 33 44 66")


def test_edit_page_keeps_a_blocked_company_and_salesperson_that_stand_there(bob: User) -> None:
    company = CompanyFactory(is_blocked=True)
    person = PersonFactory(company=company, salesperson=SalespersonFactory(is_blocked=True))
    client = signed_in(bob)
    shown = fields_of(client.get(edit_page(person)))
    assert client.post(edit_page(person), shown | {"city": "Oslo"}).status_code == 302
    person.refresh_from_db()
    assert (person.city, person.company) == ("Oslo", company)


def test_edit_page_shows_both_sides_and_lets_choose(alice: User, bob: User) -> None:
    """U8: the same field: mine, theirs, what it was; mine wins where it is chosen."""
    company = lifecycle.create(by=bob, name="Fjord", city="Oslo")
    client = signed_in(bob)
    typed = fields_of(client.get(edit_page(company))) | {"name": "Fjord AS", "city": "Bergen"}
    lifecycle.edit(company, by=alice, city="Tromsø")

    answer = client.post(edit_page(company), typed)
    dispute = answer.context["dispute"]
    name, city = dispute.fields
    again = dict(dispute.kept) | {"seen": dispute.seen, "shown": dispute.shown}

    assert answer.status_code == 409
    assert (city.was, city.mine, city.theirs, city.who) == ("Oslo", "Bergen", "Tromsø", alice)
    assert (name.is_mine, name.is_theirs) == (True, False)
    company.refresh_from_db()
    assert (company.name, company.city) == ("Fjord", "Tromsø")
    assert client.post(edit_page(company), again | dict(city.mine_sent)).status_code == 302
    company.refresh_from_db()
    assert (company.name, company.city, company.changed_by) == ("Fjord AS", "Bergen", bob)


def test_taking_theirs_writes_nothing(alice: User, bob: User) -> None:
    company = lifecycle.create(by=bob, name="Fjord", city="Oslo")
    client = signed_in(bob)
    typed = fields_of(client.get(edit_page(company))) | {"city": "Bergen"}
    lifecycle.edit(company, by=alice, city="Tromsø")
    dispute = client.post(edit_page(company), typed).context["dispute"]
    again = dict(dispute.kept) | {"seen": dispute.seen, "shown": dispute.shown}

    client.post(edit_page(company), again | dict(dispute.fields[0].theirs_sent))

    company.refresh_from_db()
    assert (company.city, company.changed_by) == ("Tromsø", alice)


def test_different_fields_of_a_contact_merge(alice: User, bob: User) -> None:
    """U8: bob changes the city, alice the e-mail; both changes stand, without a page."""
    company = lifecycle.create(by=bob, name="Fjord", city="Oslo", email="old@example.com")
    client = signed_in(bob)
    typed = fields_of(client.get(edit_page(company))) | {"city": "Bergen"}
    lifecycle.edit(company, by=alice, email="new@example.com")

    saved = client.post(edit_page(company), typed)
    text = client.get(saved["Location"]).content.decode()

    company.refresh_from_db()
    assert saved.status_code == 302
    assert "Kept what alice changed: E-mail, new@example.com." in text
    assert (company.city, company.email) == ("Bergen", "new@example.com")


@pytest.mark.parametrize("seen", ["", "yesterday", "9999-99-99T00:00:00+00:00", "\x00"])
def test_edit_page_asks_for_the_version_that_was_seen(bob: User, seen: str) -> None:
    company = CompanyFactory(name="Fjord")
    answer = signed_in(bob).post(edit_page(company), {"name": "Fjell", "seen": seen})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["seen"])
    company.refresh_from_db()
    assert company.name == "Fjord"


def test_edit_page_shows_a_refusal_and_keeps_the_title(bob: User) -> None:
    company = CompanyFactory(name="Fjord")
    client = signed_in(bob)
    typed = fields_of(client.get(edit_page(company))) | {"name": "Fjell", "phone": "CALL"}
    answer = client.post(edit_page(company), typed)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["phone"])
    assert "Edit Fjord" in text_of(answer)
    company.refresh_from_db()
    assert company.name == "Fjord"


def test_edit_page_of_what_is_not_there_is_404(bob: User) -> None:
    client = signed_in(bob)
    assert client.get("/contacts/17/edit/").status_code == 404
    assert client.post("/contacts/17/edit/", {"name": "Fjord"}).status_code == 404
