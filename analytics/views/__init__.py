"""The managers' pages."""

from analytics.views.chances import adopt, chances, revert
from analytics.views.forecast import adjust, forecast
from analytics.views.index import index

__all__ = ["adjust", "adopt", "chances", "forecast", "index", "revert"]
