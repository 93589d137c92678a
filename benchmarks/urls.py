"""The product's addresses, and the floor beside them: one query, or one row written."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.http import require_POST

from crm.urls import handler400, handler403, handler404, handler500, urlpatterns
from opportunities.models import Opportunity

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def floor(request: HttpRequest, size: int) -> HttpResponse:
    """Answer `size` constant bytes behind the same middleware, session and user."""
    Opportunity.objects.filter(pk=1).first()
    return HttpResponse(b"x" * size)


@require_POST
def floor_write(request: HttpRequest) -> HttpResponse:
    """Write one row durably and lead on, as a form does."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO benchmark_floor (word) VALUES ('a row')")
    return HttpResponseRedirect("/")


urlpatterns = [
    path("floor/<int:size>/", floor, name="floor"),
    path("floor/write/", floor_write, name="floor_write"),
    *urlpatterns,
]
