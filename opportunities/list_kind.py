"""The list of opportunities, as the pages of views, columns and files know it."""

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lists.kinds import ListKind
from opportunities.bulk import BULK
from opportunities.columns import COLUMNS
from opportunities.filters import OpportunityFilter
from opportunities.groups import GROUPS
from opportunities.models import Opportunity, OpportunityQuerySet
from opportunities.sums import SUM_ROW
from opportunities.totals import GroupTotalQuerySet
from salespeople.roles import is_manager


def listed(request: HttpRequest, query: QueryDict) -> OpportunityQuerySet:
    """Return what the person may list: the deleted ones, a manager's alone, or the others."""
    visible = Opportunity.objects.visible_to(request.user)
    return visible.deleted() if asks_for_deleted(request, query) else visible.kept()


def asks_for_deleted(request: HttpRequest, query: QueryDict) -> bool:
    """Say whether the deleted ones are wanted; refuse whom they are not for."""
    wish = query.get("deleted", "")
    if wish not in ("", "1"):
        raise BadRequest(_("“%(name)s” is 1 or not there.") % {"name": "deleted"})
    if wish and not is_manager(request.user):
        raise PermissionDenied(_("Deleted opportunities are listed for managers."))
    return bool(wish)


def kept(filterset: OpportunityFilter, *keys: str) -> GroupTotalQuerySet | None:
    """Return the kept totals of what a FilterSet leaves; none of deleted ones are kept."""
    totals = None if filterset.data.get("deleted") else filterset.totals()
    return totals.by(*keys) if totals is not None else None


OPPORTUNITIES = ListKind(
    name="opportunities",
    label=gettext_lazy("Opportunities"),
    page="opportunities:list",
    columns=COLUMNS,
    filters=OpportunityFilter,
    rows=listed,
    groups=GROUPS,
    usual_sort="-created",
    may_share=is_manager,
    flags=("deleted",),
    bulk=BULK,
    sums=SUM_ROW,
    is_editable=lambda row: row.is_open,
    kept=kept,
)
