"""The figures of the chances checked: what they mean, and the tables of their file."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.chances import Band
from analytics.checking import BackTest, Scores
from analytics.exporting import Table
from analytics.figures import Figure, Reading, define, in_percent

WON = define(
    "chances_won",
    "count",
    gettext_lazy("Won"),
    gettext_lazy("Those that had been in progress at the stage, and were won in the period."),
)
CLOSED = define(
    "chances_closed",
    "count",
    gettext_lazy("Closed"),
    gettext_lazy("Those that had been in progress at the stage, and closed in the period."),
)
PROMISED = define(
    "chances_promised",
    "share",
    gettext_lazy("Promised"),
    gettext_lazy("The probability that the stage gives; it opens those by which it is judged."),
)
OBSERVED = define(
    "chances_observed",
    "share",
    gettext_lazy("Observed"),
    gettext_lazy("The share that was won of those that closed."),
)
LOW = define(
    "chances_low",
    "share",
    gettext_lazy("At least"),
    gettext_lazy("The lower end of the interval in which the true share lies, with 95 %."),
)
HIGH = define(
    "chances_high",
    "share",
    gettext_lazy("At most"),
    gettext_lazy("The upper end of the interval in which the true share lies, with 95 %."),
)
LEARNED = define(
    "chances_learned",
    "share",
    gettext_lazy("Learned"),
    gettext_lazy("The observed share, drawn towards what the stage promises."),
)
SCORES: dict[str, Figure] = {
    "told": define(
        "chances_score_told",
        "score",
        gettext_lazy("As told"),
        gettext_lazy("The Brier score of the probabilities that stood then."),
    ),
    "learned": define(
        "chances_score_learned",
        "score",
        gettext_lazy("As learned"),
        gettext_lazy("The Brier score of what could have been learned by then."),
    ),
    "base": define(
        "chances_score_base",
        "score",
        gettext_lazy("By the share of wins alone"),
        gettext_lazy("The Brier score of one chance for all: the share of wins by then."),
    ),
}
JUDGED = define(
    "chances_judged",
    "tally",
    gettext_lazy("Forecasts judged"),
    gettext_lazy("One for each month at whose beginning an opportunity, closed by now, was open."),
)
BAND_MEAN = define(
    "chances_band_mean",
    "share",
    gettext_lazy("Mean chance"),
    gettext_lazy("The mean of the chances that lie in the same tenth."),
)
BAND_WON = define(
    "chances_band_won",
    "tally",
    gettext_lazy("Forecasts that were won"),
    gettext_lazy("Of the forecasts judged in the same tenth, those whose opportunity was won."),
)
BAND_SHARE = define(
    "chances_band_share",
    "share",
    gettext_lazy("Share"),
    gettext_lazy("The share of the forecasts in the same tenth whose opportunity was won."),
)
BY_STAGE = (PROMISED, WON, CLOSED, OBSERVED, LOW, HIGH, LEARNED)
FIGURES = (*BY_STAGE, *SCORES.values(), JUDGED, BAND_MEAN, BAND_WON, BAND_SHARE)


def readings_of(line: Any) -> dict[str, Reading]:
    """Return the figures of a stage; where too few closed, no share is told (U4)."""
    observed, url = line.observed, line.url
    found = {
        "promised": PROMISED.reading(line.configured, url),
        "won": WON.reading(observed.won, line.won_url),
        "closed": CLOSED.reading(observed.count, url),
    }
    if observed.count:
        found["observed"] = OBSERVED.reading(in_percent(observed.share), url)
    if not observed.is_too_few:
        low, high = observed.interval
        found["low"] = LOW.reading(in_percent(low), url)
        found["high"] = HIGH.reading(in_percent(high), url)
        found["learned"] = LEARNED.reading(in_percent(line.learned), url)
    return found


class Told:
    """The figures of a back-test; all open what closed of the cycle in the period."""

    def __init__(self, test: BackTest, url: str) -> None:
        """Bind them to the address of what they are judged by."""
        self.url = url
        self.scores = self._scores(test.scores)
        self.months = [
            (month.month, self._scores(month.scores) if month.scores else None)
            for month in test.months
        ]
        self.bands = [
            (name, self._band(band))
            for name, bands in (("told", test.told), ("learned", test.learned))
            for band in bands
        ]

    def _scores(self, scores: Scores) -> dict[str, Reading]:
        found = {"judged": JUDGED.reading(scores.count, self.url)}
        for name, figure in SCORES.items():
            value = getattr(scores, name)
            if value is not None:
                found[name] = figure.reading(Decimal(str(value)), self.url)
        return found

    def _band(self, band: Band) -> dict[str, Reading]:
        return {
            "mean": BAND_MEAN.reading(in_percent(band.mean), self.url),
            "won": BAND_WON.reading(band.observed.won, self.url),
            "count": JUDGED.reading(band.observed.count, self.url),
            "share": BAND_SHARE.reading(in_percent(band.observed.share), self.url),
        }


def tables_of(context: dict[str, Any]) -> list[Table]:
    """Return the stages, the scores by month and the tenths, for a file."""
    names = ("promised", "won", "closed", "observed", "low", "high", "learned")
    stages = [
        [line.stage.name, *(line.readings.get(name) for name in names)]
        for line in context.get("lines", ())
    ]
    scored = ("judged", *SCORES)
    heads = [_("Source"), BAND_MEAN.label, BAND_WON.label, JUDGED.label, BAND_SHARE.label]
    return [
        Table(_("By stage"), [_("Stage"), *(each.label for each in BY_STAGE)], stages),
        Table(
            _("Score by month"),
            [_("Month"), JUDGED.label, *(each.label for each in SCORES.values())],
            _by(context.get("months_told", ()), scored),
        ),
        Table(
            _("Chances and outcomes"),
            heads,
            ([SCORES[name].label, *found.values()] for name, found in context.get("bands", ())),
        ),
    ]


def _by(rows: Any, names: Sequence[str]) -> Iterator[Sequence[Any]]:
    for month, found in rows:
        yield [month, *((found or {}).get(name) for name in names)]
