"""The managers' pages."""

from analytics.views.chances import adopt, chances, revert
from analytics.views.forecast import adjust, forecast
from analytics.views.index import index
from analytics.views.matrix import matrix

__all__ = ["adjust", "adopt", "chances", "forecast", "index", "matrix", "revert"]
