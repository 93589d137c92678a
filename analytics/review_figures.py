"""The figures of the review, with the sentence that says what each counts."""

from django.utils.translation import gettext_lazy as _

from analytics.figures import Figure, define

TARGET = define(
    "review_target", "target", _("Target"),
    _("What the salespeople are to win in the months of the period."),
)  # fmt: skip
WON = define(
    "review_won", "calculated", _("Won"),
    _("The sales values of what was won in the period, added up."),
)  # fmt: skip
LANDING = define(
    "review_landing",
    "calculated",
    _("Landing"),
    _("What was won in the period, and the calculated value of the open ones that close in it."),
)
OPEN_IN_PERIOD = define(
    "review_open_in_period",
    "value",
    _("Open in the period"),
    _("The estimated values of the open opportunities with a close date in the period."),
)
COVERAGE = define(
    "review_coverage",
    "ratio",
    _("Coverage"),
    _(
        "The estimated value of the open opportunities that close in the period, divided by what "
        "is missing to the target; none without a target, or when it is reached."
    ),
)
OPEN_COUNT = define(
    "review_open_count", "count", _("Open"),
    _("The opportunities that are open on the day."),
)  # fmt: skip
OPEN_VALUE = define(
    "review_open_value", "value", _("Open value"),
    _("The estimated values of the opportunities that are open on the day, added up."),
)  # fmt: skip
OPEN_CALCULATED = define(
    "review_open_calculated", "calculated", _("Calculated value"),
    _("Estimated value × probability of each open opportunity, added up."),
)  # fmt: skip
CREATED = define(
    "review_created", "count", _("Created"),
    _("The opportunities that were created in the period, up to the day."),
)  # fmt: skip
WON_COUNT = define(
    "review_won_count", "count", _("Won in the period"),
    _("The opportunities that were won in the period."),
)  # fmt: skip
CLOSED_COUNT = define(
    "review_closed_count", "count", _("Closed"),
    _("The opportunities that were won or lost in the period."),
)  # fmt: skip
CONVERSION = define(
    "review_conversion", "share", _("Conversion"),
    _("Those won in the period, of all that were won or lost in it."),
)  # fmt: skip
LINES = (OPEN_COUNT, OPEN_VALUE, OPEN_CALCULATED, CREATED, WON_COUNT, WON, CONVERSION)
TOTALS = (TARGET, WON, LANDING, OPEN_IN_PERIOD, COVERAGE)

WORDS = {
    "": (_("To talk about"), _("The open opportunities with at least one of the reasons below.")),
    "pushed": (
        _("Pushed again"),
        _("Open on both days, and the close date was moved later in between."),
    ),
    "past": (_("Past the close date"), _("Open, and the close date lies before the day.")),
    "stale": (
        _("Quiet"),
        _("No change, no interaction and no completed task in the 14 days up to the day."),
    ),
    "bare": (_("No next task"), _("Open, and no open task is planned.")),
    "jumped": (
        _("Passed a stage"),
        _("Since the compare-to date it skipped a stage, or went back by more than one."),
    ),
    "big": (
        _("New and big"),
        _("Created since the compare-to date, and among the tenth of the open ones worth most."),
    ),
    "cut": (
        _("Value cut"),
        _("Open on both days, and the estimated value is less than it was."),
    ),
}
COUNTS: dict[str, Figure] = {
    name: define(f"review_talk_{name or 'all'}_count", "count", label, sentence)
    for name, (label, sentence) in WORDS.items()
}
VALUES: dict[str, Figure] = {
    name: define(f"review_talk_{name or 'all'}_value", "value", label, sentence)
    for name, (label, sentence) in WORDS.items()
}
