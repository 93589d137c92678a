"""The list of quotes, as the pages of views, columns, files and many rows know it."""

from decimal import Decimal

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from crm.money import format_money_brief
from lists.kinds import ListKind
from lists.sums import SumRow, Total
from quotes.bulk import BULK
from quotes.columns import COLUMNS
from quotes.filters import QuoteFilter
from quotes.groups import GROUPS
from quotes.models import Quote, QuoteQuerySet
from salespeople.roles import is_manager


def listed(request: HttpRequest, _query: QueryDict) -> QuoteQuerySet:
    """Return the quotes of the opportunities that the person sees."""
    return Quote.objects.visible_to(request.user)


QUOTES = ListKind(
    name="quotes",
    label=_("Quotes"),
    page="quotes:list",
    columns=COLUMNS,
    filters=QuoteFilter,
    rows=listed,
    groups=GROUPS,
    usual_sort="-number",
    may_share=is_manager,
    bulk=BULK,
    sums=SumRow(
        Total(
            name="amount",
            label=_("Amount"),
            field="amount",
            shown=format_money_brief,
            zero=Decimal(0),
        ),
    ),
)
