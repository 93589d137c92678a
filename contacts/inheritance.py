"""What a person takes over from the company (Business Central R209, R210)."""

from typing import Any

from contacts.models import Contact

# Overwritten when a person comes to a company.
OVERWRITTEN = ("salesperson", "country", "language")
# Taken over by a person who has none, or still has that of the company before.
COMMUNICATION = ("phone", "mobile_phone", "email", "website")
# One unit: all of it is taken over, or nothing.
ADDRESS = ("address", "address_2", "post_code", "city")
INHERITED = (*OVERWRITTEN, *COMMUNICATION, *ADDRESS)


def values_of(contact: Contact, fields: tuple[str, ...] = INHERITED) -> dict[str, Any]:
    """Return the values of these fields by their names."""
    return {name: getattr(contact, name) for name in fields}


def taken_over(person: Contact, *, old: Contact | None, new: Contact) -> dict[str, Any]:
    """Return what a person who comes from `old` to `new` takes over from the new (R209)."""
    found = values_of(new, OVERWRITTEN)
    for name in COMMUNICATION:
        value = getattr(person, name)
        if not value or (old is not None and value == getattr(old, name)):
            found[name] = getattr(new, name)
    own = values_of(person, ADDRESS)
    if not any(own.values()) or (old is not None and own == values_of(old, ADDRESS)):
        found |= values_of(new, ADDRESS)
    return found


def flowing(person: Contact, *, before: dict[str, Any], company: Contact) -> dict[str, Any]:
    """Return what changes for a person when the company does (R210).

    `before` are the company's old values: only a person whose value equalled
    the old one follows.
    """
    found = {
        name: getattr(company, name)
        for name in (*OVERWRITTEN, *COMMUNICATION)
        if getattr(person, name) == before[name] != getattr(company, name)
    }
    address = values_of(company, ADDRESS)
    old = {name: before[name] for name in ADDRESS}
    if values_of(person, ADDRESS) == old != address:
        found |= address
    return found
