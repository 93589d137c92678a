"""lifecycle.create: kinds, names, defaults, what a person takes from the company."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from contacts import lifecycle
from contacts.models import Contact
from salespeople.models import Salesperson, User
from tests.factories import CompanyFactory, SalespersonFactory, UserFactory


def refusal(error: pytest.ExceptionInfo[ValidationError]) -> dict[str, list[str]]:
    return error.value.message_dict


def test_create_makes_a_company_unless_told_otherwise_r205(bob: User) -> None:
    company = lifecycle.create(by=bob, name="  Fjord   Energi AS ")
    assert Contact.objects.get() == company
    assert (company.kind, company.name) == ("company", "Fjord Energi AS")
    assert company.company_or_self == company
    assert (company.created_by, company.changed_at, company.changed_by) == (bob, None, None)


def test_create_person_points_to_its_company_or_to_none_r205(bob: User) -> None:
    company = lifecycle.create(by=bob, name="Fjord")
    kari = lifecycle.create(by=bob, kind="person", name="Kari Nordmann", company=company)
    ola = lifecycle.create(by=bob, kind="person", name="Ola Nordmann")
    assert kari.company_or_self == company
    assert ola.company_or_self is None


def test_create_gives_the_salesperson_of_whoever_creates_r207(bob: User) -> None:
    assert lifecycle.create(by=bob, name="Fjord").salesperson == bob.salesperson
    assert lifecycle.create(by=bob, name="Fjell").salutation == Contact.Salutation.NEUTRAL


def test_create_keeps_a_salesperson_that_is_given_or_taken_away_r207(
    alice: User, bob: User
) -> None:
    given = lifecycle.create(by=alice, name="Fjord", salesperson=bob.salesperson)
    nobody = lifecycle.create(by=alice, name="Fjell", salesperson=None)
    assert (given.salesperson, nobody.salesperson) == (bob.salesperson, None)


def test_create_gives_no_blocked_salesperson_and_none_where_there_is_none_r207(
    bob: User, dora: User
) -> None:
    Salesperson.objects.filter(user=bob).update(is_blocked=True)
    bob = User.objects.get(pk=bob.pk)
    assert lifecycle.create(by=bob, name="Fjord").salesperson is None
    assert lifecycle.create(by=dora, name="Fjell").salesperson is None


def test_create_person_takes_over_from_the_company_r209(alice: User, bob: User) -> None:
    company = lifecycle.create(
        by=bob,
        name="Fjord",
        country="NO",
        language="nb",
        phone="22 33 44 55",
        email="post@fjord.example",
        website="https://fjord.example",
        address="Storgata 1",
        post_code="0155",
        city="Oslo",
    )
    kari = lifecycle.create(
        by=alice, kind="person", name="Kari", company=company, email="kari@fjord.example"
    )
    assert kari.salesperson == bob.salesperson
    assert (kari.country, kari.language, kari.phone) == ("NO", "nb", "+47 22 33 44 55")
    assert (kari.email, kari.website) == ("kari@fjord.example", "https://fjord.example")
    assert (kari.address, kari.post_code, kari.city) == ("Storgata 1", "0155", "Oslo")


def test_create_person_takes_the_address_as_one_unit_r209(bob: User) -> None:
    company = lifecycle.create(by=bob, name="Fjord", address="Storgata 1", city="Oslo")
    kari = lifecycle.create(by=bob, kind="person", name="Kari", company=company, address="Bakken 2")
    assert (kari.address, kari.city) == ("Bakken 2", "")


def test_create_person_of_a_company_without_salesperson_gets_the_creators(bob: User) -> None:
    kari = lifecycle.create(by=bob, kind="person", name="Kari", company=CompanyFactory())
    assert kari.salesperson == bob.salesperson


@pytest.mark.parametrize(
    "name, parts",
    [
        ("Nordmann", ("", "", "Nordmann")),
        ("Kari Nordmann", ("Kari", "", "Nordmann")),
        ("Kari Anne Nordmann", ("Kari", "Anne", "Nordmann")),
        ("Kari Anne Lie Nordmann", ("Kari Anne", "Lie", "Nordmann")),
    ],
)
def test_create_splits_the_name_of_a_person_r213(
    bob: User, name: str, parts: tuple[str, str, str]
) -> None:
    person = lifecycle.create(by=bob, kind="person", name=name)
    assert (person.first_name, person.middle_name, person.surname) == parts
    assert person.name == name


def test_create_joins_the_parts_of_a_persons_name_r213(bob: User) -> None:
    person = lifecycle.create(by=bob, kind="person", first_name="Kari", surname="Nordmann")
    assert person.name == "Kari Nordmann"


def test_create_refuses_a_contact_without_a_name(bob: User) -> None:
    with pytest.raises(ValidationError) as company:
        lifecycle.create(by=bob, name="   ")
    with pytest.raises(ValidationError) as person:
        lifecycle.create(by=bob, kind="person")
    assert refusal(company) == {"name": ["Give a name."]}
    assert refusal(person) == {"surname": ["Give a name."]}
    assert not Contact.objects.exists()


def test_create_refuses_a_name_longer_than_the_column(bob: User) -> None:
    with pytest.raises(ValidationError) as error:
        lifecycle.create(by=bob, kind="person", first_name="A" * 100, surname="B" * 100)
    assert list(refusal(error)) == ["surname"]


def test_create_refuses_a_company_of_a_company_r211(bob: User) -> None:
    with pytest.raises(ValidationError) as error:
        lifecycle.create(by=bob, name="Fjord", company=CompanyFactory())
    assert refusal(error) == {"company": ["Only a person belongs to a company."]}


def test_create_refuses_parts_of_a_name_for_a_company_r214(bob: User) -> None:
    with pytest.raises(ValidationError) as error:
        lifecycle.create(by=bob, name="Fjord", surname="Nordmann")
    assert refusal(error) == {"surname": ["Only a person has a first name and a surname."]}


def test_create_refuses_a_company_that_is_a_person_blocked_or_gone_r205(bob: User) -> None:
    person = lifecycle.create(by=bob, kind="person", name="Kari")
    blocked = CompanyFactory(name="Fjell", is_blocked=True)
    gone = CompanyFactory()
    Contact.objects.filter(pk=gone.pk).delete()
    found = []
    for company in (person, blocked, gone):
        with pytest.raises(ValidationError) as error:
            lifecycle.create(by=bob, kind="person", name="Ola", company=company)
        found.append(refusal(error)["company"])
    assert found == [
        ["Only a company has people."],
        ["“Fjell” is blocked for anything new."],
        ["This company has been deleted."],
    ]


def test_create_refuses_a_blocked_salesperson_r23_and_one_of_another_team(
    bob: User, charlie: User
) -> None:
    with pytest.raises(ValidationError) as error:
        lifecycle.create(
            by=bob, name="Fjord", salesperson=SalespersonFactory(name="Gone", is_blocked=True)
        )
    assert refusal(error) == {"salesperson": ["“Gone” is blocked for anything new."]}
    with pytest.raises(PermissionDenied):
        lifecycle.create(by=bob, name="Fjord", salesperson=charlie.salesperson)


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("22 33 44 55", "+47 22 33 44 55"),
        ("(22) 33-44-55", "+47 22 33 44 55"),
        ("0049 30 123456", "+49 30 123456"),
        ("+46 8 123 456 78", "+46 8 123 456 78"),
        ("---", "---"),
        ("", ""),
    ],
)
def test_create_spells_a_phone_number_out_r216(bob: User, typed: str, kept: str) -> None:
    assert lifecycle.create(by=bob, name="Fjord", phone=typed).phone == kept


def test_create_reads_a_phone_number_as_one_of_the_contacts_country_r216(bob: User) -> None:
    company = lifecycle.create(by=bob, name="Spree", country="DE", mobile_phone="0151 23456789")
    assert company.mobile_phone == "+49 1512 3456789"


@pytest.mark.parametrize(
    "field, typed, sentence",
    [
        ("phone", "0800-CALL", "A phone number holds no letters."),
        ("mobile_phone", "ring Kåre", "A phone number holds no letters."),
        ("phone", "22334455/66", "“22334455/66” is too short or too long for a phone number."),
        ("email", "kari at fjord", "Enter a valid email address."),
        ("website", "not an address", "Enter a valid URL."),
        ("country", "Atlantis", "There is no country of this name."),
        ("language", "tlh", "Value 'tlh' is not a valid choice."),
        ("city", "Os\x00lo", "Null characters are not allowed."),
    ],
)
def test_create_refuses_what_fits_no_field_r216(
    bob: User, field: str, typed: str, sentence: str
) -> None:
    with pytest.raises(ValidationError) as error:
        lifecycle.create(by=bob, name="Fjord", **{field: typed})
    assert refusal(error) == {field: [sentence]}
    assert not Contact.objects.exists()


def test_create_reads_a_country_by_its_name(bob: User) -> None:
    assert lifecycle.create(by=bob, name="Fjord", country="norway").country == "NO"


def test_create_takes_no_field_of_its_own(bob: User) -> None:
    with pytest.raises(TypeError):
        lifecycle.create(by=bob, name="Fjord", created_by=UserFactory())
