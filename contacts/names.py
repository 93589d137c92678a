"""Names of persons, split and joined (Business Central R213), and numbers people type."""

from typing import NamedTuple


class PersonName(NamedTuple):
    """The parts of a person's name."""

    first_name: str
    middle_name: str
    surname: str


def split_name(name: str) -> PersonName:
    """Split at spaces: last word surname, second last of three or more middle, rest first."""
    match name.split():
        case []:
            return PersonName("", "", "")
        case [surname]:
            return PersonName("", "", surname)
        case [first_name, surname]:
            return PersonName(first_name, "", surname)
        case [*first_names, middle_name, surname]:
            return PersonName(" ".join(first_names), middle_name, surname)
    raise AssertionError(name)


def join_name(first_name: str, middle_name: str, surname: str) -> str:
    """Join the parts that are there with single spaces."""
    return " ".join(part for part in (first_name, middle_name, surname) if part)
