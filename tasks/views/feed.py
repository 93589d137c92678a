"""The calendar feed, for programs that cannot sign in."""

from datetime import UTC
from hashlib import sha256

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date, quote_etag
from django.views.decorators.http import require_safe

from lists.parameters import check_parameters
from salespeople.calendar_address import user_of
from tasks.feed import changed_at, feed_of, tasks_of


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Answer the tasks of the person whose address it is; 404 for one that leads nowhere."""
    user = user_of(token)
    if user is None:
        raise Http404
    check_parameters(request.GET, [])
    with translation.override(user.language or None), timezone.override(None):
        tasks = tasks_of(user)
        content = feed_of(user, tasks, request.build_absolute_uri)
    etag = quote_etag(sha256(content).hexdigest()[:32])
    changed = changed_at(tasks)
    modified = int(changed.astimezone(UTC).timestamp()) if changed else None
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["ETag"] = etag
    if modified is not None:
        response["Last-Modified"] = http_date(modified)
    response["Content-Disposition"] = 'inline; filename="tasks.ics"'
    response["Referrer-Policy"] = "no-referrer"
    patch_cache_control(response, private=True, max_age=0, must_revalidate=True)
    return get_conditional_response(request, etag=etag, last_modified=None, response=response) or (
        response
    )
