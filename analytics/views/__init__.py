"""The managers' pages."""

from analytics.views.chances import adopt, chances, revert
from analytics.views.index import index

__all__ = ["adopt", "chances", "index", "revert"]
