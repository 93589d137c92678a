"""Names of persons, split and joined (Business Central R213), and numbers people type."""

from typing import NamedTuple


class PersonName(NamedTuple):
    """The parts of a person's name."""

    first_name: str
    middle_name: str
    surname: str


def split_name(name: str) -> PersonName:
    """Split at spaces: last word surname, second last of three or more middle, rest first."""
    words = name.split()
    if not words:
        return PersonName("", "", "")
    if len(words) == 1:
        return PersonName("", "", words[0])
    if len(words) == 2:
        return PersonName(words[0], "", words[1])
    return PersonName(" ".join(words[:-2]), words[-2], words[-1])


def join_name(first_name: str, middle_name: str, surname: str) -> str:
    """Join the parts that are there with single spaces."""
    return " ".join(part for part in (first_name, middle_name, surname) if part)
