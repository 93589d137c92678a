"""The product's addresses, and the floor: one query by primary key and so many bytes."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from crm.urls import handler400, handler403, handler404, handler500, urlpatterns
from opportunities.models import Opportunity

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def floor(request: HttpRequest, size: int) -> HttpResponse:
    """Answer `size` constant bytes behind the same middleware, session and user."""
    Opportunity.objects.filter(pk=1).first()
    return HttpResponse(b"x" * size)


urlpatterns = [path("floor/<int:size>/", floor, name="floor"), *urlpatterns]
