"""What the tests of figures share: every figure of a page, opened and compared with its rows."""

import html
import re
from decimal import Decimal
from typing import Any

from django.test import Client

from analytics.figures import OTHERS

# What no sum of the rows behind it is; its own page tests what it is.
NOT_ADDED = {*OTHERS} - {"amount"}
FIGURE = re.compile(
    r'<a class="figure" href="([^"]*)" title="[^"]*" data-figure="([^"]*)"'
    r' data-measure="([^"]*)" data-number="([^"]*)">'
)


def figures_on(client: Client, address: str) -> list[tuple[str, str, str, Decimal]]:
    """Return the figures of a page: address, name, measure and number of each."""
    response = client.get(address)
    assert response.status_code == 200, address
    found = FIGURE.findall(response.content.decode())
    assert response.content.decode().count('class="figure"') == len(found)
    return [
        (html.unescape(url), name, measure, Decimal(number)) for url, name, measure, number in found
    ]


def number_behind(client: Client, url: str, measure: str) -> Decimal:
    """Return the number that the page behind a figure shows of its rows."""
    response = client.get(url)
    assert response.status_code == 200, url
    return number_of_sums(response.context["sums"], measure)


def number_of_sums(sums: Any, measure: str) -> Decimal:
    """Return the number of a measure that a page's sums tell."""
    if sums is None:
        return Decimal(0)
    if measure == "average":
        return sums.value / sums.count if sums.count else Decimal(0)
    if measure == "amount":
        return Decimal(sums.amount)
    if measure == "count":
        return Decimal(sums.number if hasattr(sums, "number") else sums.count)
    return Decimal(getattr(sums, measure))


def check_figures(client: Client, address: str) -> int:
    """Open every figure of a page and compare number and rows; return how many there were."""
    found = figures_on(client, address)
    for url, name, measure, number in found:
        if measure not in NOT_ADDED:
            behind = number_behind(client, url, measure)
            assert abs(behind - number) < Decimal("1e-8"), (address, name, url)
    return len(found)
