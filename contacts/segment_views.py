"""The pages of segments."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts import segments
from contacts.campaign_forms import SeenForm
from contacts.filters import ContactFilter
from contacts.models import Campaign, Contact, Segment
from contacts.requests import person, posted
from contacts.segment_figures import SegmentPage, opportunities_url, segment_page, with_members
from contacts.segment_forms import MatchingForm, MemberForm, PasteForm, SegmentFilter, SegmentForm
from lists.alternatives import names_of, several_of
from lists.filtering import chips
from lists.paging import Sort, page_of
from lists.parameters import as_id, check_parameters, integer, tidy
from salespeople.administration import deletion_refusal

SORTS = {
    "description": Sort("description_sort"),
    "campaign": Sort("campaign__description_sort", is_nullable=True),
    "salesperson": Sort("salesperson__name_sort", is_nullable=True),
    "contacts": Sort("members_number"),
    "opportunities": Sort("opportunities_number"),
    "created": Sort("created_at"),
}
MEMBER_SORTS = {
    "name": Sort("contact__name_sort"),
    "salesperson": Sort("contact__salesperson__name_sort", is_nullable=True),
    "added": Sort("added_at"),
}
PARAMETERS = {*SegmentFilter.base_filters, "sort", "cursor"}
MOST_NAMED = 12
both = require_http_methods(["GET", "POST"])


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show the segments, with how many contacts and opportunities each has."""
    check_parameters(request.GET, PARAMETERS)
    if clean := tidy(request):
        return clean
    by = person(request)
    filterset = SegmentFilter(request.GET, Segment.objects.visible_to(by), request=request)
    page = page_of(
        with_members(filterset.rows(), by).select_related("salesperson", "campaign"),
        sorts=SORTS,
        sort=request.GET.get("sort", "-created"),
        cursor=request.GET.get("cursor", ""),
    )
    for row in page.rows:
        row.url = opportunities_url(row)  # type: ignore[attr-defined]
    context = {
        "form": filterset.form,
        "page": page,
        "chips": chips(request.GET, filterset.sentence()),
        "hidden": [("sort", request.GET["sort"])] if "sort" in request.GET else [],
    }
    status = 400 if filterset.form.errors else 200
    return render(request, "segments/list.html", context, status=status)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a segment and its contacts, a page at a time."""
    check_parameters(request.GET, ["sort", "cursor"])
    segment = _found(request, pk)
    page = page_of(
        segment.rows.select_related("contact__company", "contact__salesperson"),
        sorts=MEMBER_SORTS,
        sort=request.GET.get("sort", "name"),
        cursor=request.GET.get("cursor", ""),
    )
    shown: SegmentPage = segment_page(segment, person(request))
    context = {
        "segment": segment,
        "page": page,
        "figures": shown,
        "may_change": segments.may_change(segment, by=person(request)),
    }
    return render(request, "segments/detail.html", context)


@both
def create(request: HttpRequest) -> HttpResponse:
    """Create a segment, perhaps for a campaign."""
    check_parameters(request.GET, ["campaign"])
    by, pk = person(request), integer(request.GET, "campaign")
    campaign = get_object_or_404(Campaign.objects.visible_to(by), pk=pk) if pk else None
    form = SegmentForm(posted(request), by=by, campaign=campaign)
    if form.is_bound and form.is_valid():
        try:
            segment = segments.create(by=by, **form.wishes())
        except ValidationError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("“%(name)s” was created.") % {"name": segment})
            return redirect(segment)
    status = 422 if form.is_bound else 200
    return render(request, "segments/create.html", {"form": form}, status=status)


@both
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a segment; 409 with what is there now when somebody was faster."""
    check_parameters(request.GET, [])
    segment, by = _found(request, pk), person(request)
    segments.check_may_change(segment, by=by)
    form = SegmentForm(posted(request), by=by, segment=segment)
    status = 422 if form.is_bound else 200
    changed = None
    if form.is_bound and form.is_valid():
        try:
            fresh = segments.edit(segment, by=by, seen=form.cleaned_data["seen"], **form.wishes())
        except ValidationError as error:
            form.add_refusal(error)
        except segments.Conflict as conflict:
            form, changed, status = _again(request, conflict), conflict.segment, 409
        else:
            messages.success(request, _("“%(name)s” was saved.") % {"name": fresh})
            return redirect(fresh)
    context = {"form": form, "segment": segment, "changed": changed}
    return render(request, "segments/edit.html", context, status=status)


@both
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a segment that nothing names (R236, rules D19)."""
    check_parameters(request.GET, [])
    segment, by = _found(request, pk), person(request)
    segments.check_may_change(segment, by=by)
    form = SeenForm(posted(request), initial={"seen": segment.edits})
    refusal = deletion_refusal(segment)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            segments.delete(segment, by=by, seen=form.cleaned_data["seen"])
        except ValidationError as error:
            refusal = " ".join(error.messages)
        except segments.Conflict:
            refusal, status = _("Somebody has changed it since you opened the page."), 409
        else:
            messages.success(request, _("“%(name)s” was deleted.") % {"name": segment})
            return redirect("segments:list")
    context = {"form": form, "segment": segment, "refusal": refusal}
    return render(request, "segments/delete.html", context, status=status)


@both
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add one contact by name."""
    check_parameters(request.GET, [])
    segment, by = _found(request, pk), person(request)
    segments.check_may_change(segment, by=by)
    form = MemberForm(posted(request), by=by)
    if form.is_bound and form.is_valid():
        wanted = Contact.objects.filter(pk=form.cleaned_data["contact"].pk)
        _tell(request, segments.add(segment, wanted, by=by))
        return redirect(segment)
    status = 422 if form.is_bound else 200
    return render(request, "segments/add.html", {"form": form, "segment": segment}, status=status)


@both
def paste(request: HttpRequest, pk: int) -> HttpResponse:
    """Add the contacts whose numbers or e-mail addresses were pasted."""
    check_parameters(request.GET, [])
    segment, by = _found(request, pk), person(request)
    segments.check_may_change(segment, by=by)
    form = PasteForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            added = segments.add_pasted(segment, form.cleaned_data["text"], by=by)
        except ValidationError as error:
            form.add_refusal(error)
        else:
            _tell(request, added)
            return redirect(segment)
    context = {"form": form, "segment": segment}
    return render(request, "segments/paste.html", context, status=422 if form.is_bound else 200)


@both
def add_matching(request: HttpRequest) -> HttpResponse:
    """Add all contacts that match the filter of their list."""
    check_parameters(request.GET, names_of(ContactFilter), several=several_of(ContactFilter))
    by = person(request)
    filterset = ContactFilter(request.GET, Contact.objects.visible_to(by), request=request)
    rows = filterset.rows()
    form = MatchingForm(posted(request), by=by)
    if form.is_bound and form.is_valid():
        try:
            segment, added = _add_matching(form, rows, by=by)
        except ValidationError as error:
            form.add_refusal(error)
        else:
            _tell(request, added)
            return redirect(segment)
    context = {
        "form": form,
        "number": rows.order_by()[: segments.MOST + 1].count(),
        "most": segments.MOST,
        "chips": chips(request.GET, filterset.sentence()),
        "query": request.GET.urlencode(),
        "filter": filterset.form,
    }
    status = 400 if filterset.form.errors else 422 if form.is_bound else 200
    return render(request, "segments/add_matching.html", context, status=status)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take contacts out of the list."""
    segment = _found(request, pk)
    ids = [as_id(text) for text in request.POST.getlist("contact")[: segments.MOST]]
    gone = segments.remove(segment, [pk for pk in ids if pk is not None], by=person(request))
    text = ngettext("%(count)d contact was taken out.", "%(count)d contacts were taken out.", gone)
    messages.success(request, text % {"count": gone})
    return redirect(segment)


def _add_matching(form: MatchingForm, rows: Any, *, by: Any) -> tuple[Segment, segments.Added]:
    with transaction.atomic():
        segment = form.cleaned_data["segment"]
        if segment is None:
            segment = segments.create(
                by=by,
                description=form.cleaned_data["name"],
                salesperson=getattr(by, "salesperson", None),
            )
        return segment, segments.add(segment, rows, by=by)


def _tell(request: HttpRequest, added: segments.Added) -> None:
    """Say what adding came to, in sentences."""
    said = [
        ngettext("%(count)d contact was added.", "%(count)d contacts were added.", added.new)
        % {"count": added.new}
    ]
    if added.there:
        text = ngettext(
            "%(count)d was there already.", "%(count)d were there already.", added.there
        )
        said.append(text % {"count": added.there})
    if added.blocked:
        text = ngettext(
            "%(count)d is blocked, and was left out.",
            "%(count)d are blocked, and were left out.",
            added.blocked,
        )
        said.append(text % {"count": added.blocked})
    messages.success(request, " ".join(said))
    if added.unknown:
        names = {"names": _named(added.unknown)}
        messages.warning(request, _("Not found: %(names)s") % names)
    if added.unclear:
        names = {"names": _named(added.unclear)}
        messages.warning(request, _("Several contacts have this address: %(names)s") % names)


def _named(words: list[str]) -> str:
    named = ", ".join(word[:80] for word in words[:MOST_NAMED])
    rest = len(words) - MOST_NAMED
    if rest <= 0:
        return named
    text = ngettext("%(names)s and %(rest)d more", "%(names)s and %(rest)d more", rest)
    return text % {"names": named, "rest": rest}


def _found(request: HttpRequest, pk: int) -> Segment:
    rows = Segment.objects.visible_to(person(request))
    related = ("salesperson", "campaign", "created_by", "changed_by")
    return get_object_or_404(rows.select_related(*related), pk=pk)


def _again(request: HttpRequest, conflict: segments.Conflict) -> SegmentForm:
    """Return what was typed, to be saved over what is there now if it is sent again."""
    data = request.POST.copy()
    data["seen"] = str(conflict.segment.edits)
    return SegmentForm(data, by=person(request), segment=conflict.segment)
