"""The managers' pages."""

from analytics.views.bridge import bridge, bridge_rows
from analytics.views.chances import adopt, chances, revert
from analytics.views.flow import cohorts, funnel, times, wins
from analytics.views.forecast import adjust, forecast
from analytics.views.index import index
from analytics.views.marking import mark, unmark
from analytics.views.matrix import matrix
from analytics.views.pipeline import pipeline
from analytics.views.review import review, review_rows

__all__ = [
    "adjust",
    "adopt",
    "bridge",
    "bridge_rows",
    "chances",
    "cohorts",
    "forecast",
    "funnel",
    "index",
    "mark",
    "matrix",
    "pipeline",
    "revert",
    "review",
    "review_rows",
    "times",
    "unmark",
    "wins",
]
