"""The figures of the bridge: what stood there, what came, went or changed, what stands."""

from django.utils.translation import gettext_lazy as _

from analytics.figures import Figure, define

BOTH_DAYS = {
    "opening": (
        _("Opening"),
        _("What was open on the evening of the first day, and met the filter then."),
    ),
    "closing": (
        _("Closing"),
        _("What was open on the evening of the last day, and met the filter then."),
    ),
}
CHANGES = {
    "won": (_("Won"), _("Won in between, at what it stood there for at the opening.")),
    "lost": (_("Lost"), _("Lost in between, at what it stood there for at the opening.")),
    "deleted": (_("Deleted"), _("Deleted in between.")),
    "reopened": (
        _("Reopened or restored"),
        _("Closed or deleted at the opening, and open again at the closing."),
    ),
    "created": (_("Created"), _("Created in between, and still open.")),
    "reassigned_in": (
        _("Reassigned, came in"),
        _("Came to a salesperson, or with a salesperson to a team, that is looked at."),
    ),
    "reassigned_out": (
        _("Reassigned, went out"),
        _("Went to a salesperson, or with a salesperson to a team, that is not looked at."),
    ),
    "period_in": (
        _("Moved into the period"),
        _("Its close date was moved into the period that is looked at."),
    ),
    "period_out": (
        _("Moved out of the period"),
        _("Its close date was moved out of the period that is looked at."),
    ),
    "other_in": (
        _("Came into the filter"),
        _("Meets the filter only since then, for another reason: stage, value, campaign …"),
    ),
    "other_out": (
        _("Went out of the filter"),
        _("Does not meet the filter any more, for another reason: stage, value, campaign …"),
    ),
    "up": (_("Value up"), _("There on both days, and worth more.")),
    "down": (_("Value down"), _("There on both days, and worth less.")),
    "same": (_("Unchanged"), _("There on both days, and worth the same.")),
}
# By the name of the bar: how many opportunities, and their amount.
COUNTS: dict[str, Figure] = {
    name: define(f"bridge_{name}_count", "count", label, sentence)
    for name, (label, sentence) in {**BOTH_DAYS, **CHANGES}.items()
}
AMOUNTS: dict[str, Figure] = {
    name: define(f"bridge_{name}", "amount", label, sentence)
    for name, (label, sentence) in CHANGES.items()
}
ENDS: dict[tuple[str, str], Figure] = {
    (name, measure): define(f"bridge_{name}_{measure}", measure, label, sentence)
    for name, (label, sentence) in BOTH_DAYS.items()
    for measure in ("value", "calculated")
}
