"""Marks in a text what was looked for."""

import unicodedata
from collections.abc import Iterable, Iterator

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
LETTERS = {"ø": "o", "æ": "ae", "đ": "d", "ł": "l", "ß": "ss", "œ": "oe"}


@register.filter
def highlight(text: object, words: Iterable[str]) -> SafeString:
    """Return the text with each of the folded `words` marked where it stands."""
    shown = str(text)
    marked = _marked(shown, words)
    parts = []
    begin = 0
    for end in range(1, len(shown) + 1):
        if end == len(shown) or marked[end] != marked[begin]:
            pattern = "<mark>{}</mark>" if marked[begin] else "{}"
            parts.append((format_html(pattern, shown[begin:end]),))
            begin = end
    return format_html_join("", "{}", parts)


def _marked(text: str, words: Iterable[str]) -> list[bool]:
    """Say of each letter whether it is part of one of the words."""
    folded = list(_folded(text))
    line = "".join(letter for letter, _begin, _end in folded)
    marked = [False] * len(text)
    for word in words:
        at = line.find(word)
        while at >= 0:
            begin, end = folded[at][1], folded[at + len(word) - 1][2]
            marked[begin:end] = [True] * (end - begin)
            at = line.find(word, at + len(word))
    return marked


def _folded(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each folded letter with the place where it comes from (as crm_fold folds)."""
    at = 0
    while at < len(text):
        end = at + (2 if text[at : at + 2].lower() == "aa" else 1)
        letter = text[at].lower()
        plain = LETTERS.get(letter) or unicodedata.normalize("NFKD", letter)
        for one in plain:
            if not unicodedata.combining(one):
                yield one, at, end
        at = end
