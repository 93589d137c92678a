"""The pages of targets: the grid, and the file that goes out and comes in."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from crm.dates import today
from lists.paging import Page, Sort, page_of
from lists.parameters import check_parameters, integer
from salespeople import target_files, target_grid
from salespeople.models import Salesperson, User
from salespeople.target_grid import Line
from salespeople.targets import (
    FIRST_YEAR,
    LAST_YEAR,
    MONTHS,
    Conflict,
    check_may_set,
    set_targets,
    sums_of_year,
    targets_of_year,
)
from salespeople.visibility import visible_salespeople

SIZE = 25
MOST_BYTES = 1_000_000


@require_http_methods(["GET", "POST"])
def targets(request: HttpRequest) -> HttpResponse:
    """Show the grid of a year; keep what was typed, or fill in more of it."""
    check_may_set(request.user)
    check_parameters(request.GET, ["year", "cursor"])
    year = _year(request)
    page = _page(request)
    there = targets_of_year([person.pk for person in page.rows], year)
    lines = target_grid.lines_of(page.rows, there, year)
    if request.method == "GET":
        return _grid(request, page, lines, year)
    target_grid.read(lines, request.POST.dict())
    action = request.POST.get("action", "save")
    if action != "save":
        return _filled(request, page, lines, year)
    if any(line.is_wrong for line in lines):
        return _grid(request, page, lines, year, status=422)
    try:
        number = set_targets(target_grid.wishes_of(lines, year), by=_person(request))
    except Conflict as conflict:
        return _disputed(request, page, lines, year, conflict)
    _tell(request, number)
    return HttpResponseRedirect(request.get_full_path())


@require_http_methods(["GET", "POST"])
def import_targets(request: HttpRequest) -> HttpResponse:
    """Read a file of targets, show what it would do, and do it when told to."""
    check_may_set(request.user)
    check_parameters(request.GET, [])
    form = FileForm(request.POST or None, request.FILES or None)
    lines: list[target_files.FileLine] = []
    if form.is_bound and form.is_valid():
        people = visible_salespeople(request.user).filter(is_blocked=False)
        try:
            lines = target_files.lines_of(form.cleaned_data["text"], people)
        except ValidationError as error:
            form.add_error("text", error)
    is_good = bool(lines) and not any(line.errors for line in lines)
    if is_good and request.POST.get("action") == "import":
        wishes = [wish for line in lines for wish in line.wishes]
        try:
            _tell(request, set_targets(wishes, by=_person(request)))
        except Salesperson.DoesNotExist as error:
            raise Http404 from error
        year = min((wish.month.year for wish in wishes), default=today().year)
        return HttpResponseRedirect(f"{reverse('salespeople:targets')}?year={year}")
    is_refused = bool(form.errors) or any(line.errors for line in lines)
    context = {"form": form, "lines": lines, "is_good": is_good}
    status = 422 if is_refused else 200
    return render(request, "salespeople/import_targets.html", context, status=status)


@require_GET
def export_targets(request: HttpRequest) -> HttpResponse:
    """Give out the targets of a year as a file."""
    check_may_set(request.user)
    check_parameters(request.GET, ["year"])
    year = _year(request)
    people = list(_people(request))
    text = target_files.written(people, targets_of_year([p.pk for p in people], year), year)
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="targets-{year}.csv"'
    return response


class FileForm(forms.Form):
    """A file, or what stands in it."""

    file = forms.FileField(label=gettext_lazy("File"), required=False, allow_empty_file=True)
    text = forms.CharField(
        label=gettext_lazy("Or its lines"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """Put the file's text into `text`."""
        data = self.cleaned_data
        file = data.get("file")
        if file is not None:
            if file.size > MOST_BYTES:
                raise ValidationError({"file": _("The file is too long.")})
            try:
                data["text"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise ValidationError(
                    {"file": _("It is not written in UTF-8. Save it as “CSV UTF-8”.")}
                ) from None
            self.data = {**self.data, "text": data["text"]}  # the preview sends it on
        if not data.get("text", "").strip():
            raise ValidationError({"text": _("Choose a file, or paste its lines.")})
        return data


def _year(request: HttpRequest) -> int:
    year = integer(request.GET, "year")
    if year is None:
        return today().year
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadRequest(_("Give a year between 2000 and 2100."))
    return year


def _people(request: HttpRequest) -> Any:
    return visible_salespeople(request.user).filter(is_blocked=False)


def _page(request: HttpRequest) -> Page[Salesperson]:
    cursor = request.GET.get("cursor", "")
    sorts = {"name": Sort("name_sort")}
    return page_of(_people(request), sorts=sorts, sort="name", cursor=cursor, size=SIZE)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the middleware lets nobody else pass
    return request.user


def _tell(request: HttpRequest, number: int) -> None:
    if not number:
        messages.info(request, _("Nothing has changed."))
        return
    text = ngettext("%(count)d target has been set.", "%(count)d targets have been set.", number)
    messages.success(request, text % {"count": number})


def _filled(
    request: HttpRequest, page: Page[Salesperson], lines: list[Line], year: int
) -> HttpResponse:
    """Fill in more, and let the person look at it before it is kept."""
    action = request.POST.get("action", "")
    if action == "last_year":
        before = targets_of_year([line.salesperson.pk for line in lines], year - 1)
        for line in lines:
            target_grid.fill_empty(line, before[line.salesperson.pk])
    else:
        for line in lines:
            if action == f"right-{line.salesperson.pk}":
                target_grid.fill_right(line)
    return _grid(request, page, lines, year, is_unsaved=True)


def _disputed(
    request: HttpRequest,
    page: Page[Salesperson],
    lines: list[Line],
    year: int,
    conflict: Conflict,
) -> HttpResponse:
    """Say what others have set since; saving once more keeps one's own (U8)."""
    others = []
    for line in lines:
        for month, cell in zip(MONTHS, line.months, strict=True):
            for (pk, day), target in conflict.targets.items():
                if (pk, day.month) == (line.salesperson.pk, month):
                    cell.was = target.value if target else None
                    others.append({"cell": cell, "target": target})
    return _grid(request, page, lines, year, status=409, others=others)


def _grid(
    request: HttpRequest,
    page: Page[Salesperson],
    lines: list[Line],
    year: int,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    people = _people(request).order_by().values("pk")
    context = {
        "page": page,
        "lines": lines,
        "year": year,
        "months": [date(year, month, 1) for month in MONTHS],
        "errors": [cell for line in lines for cell in line.parts if cell.error],
        "sums": target_grid.with_quarters(sums_of_year(people, year)),
        **more,
    }
    return render(request, "salespeople/targets.html", context, status=status)
