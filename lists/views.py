"""The pages of views and columns: they work for every list that a room has registered."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lists import saving
from lists.columns import PARAMETER
from lists.filtering import chips
from lists.forms import ViewForm
from lists.kinds import ListKind, kind_of
from lists.models import ListPreference, SavedView
from lists.parameters import as_id, check_parameters
from lists.tabs import Tabs

STEPS = {"up": -1, "down": 1}


@require_GET
def views_page(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the views of a list: one's own, which can be ordered, and the shared ones."""
    check_parameters(request.GET, [])
    found = kind_of(kind)
    tabs = Tabs(request, found)
    rows = [
        {
            "view": view,
            "url": tabs.url_of(view),
            "is_own": view.owner_id == request.user.pk,
            "may_change": saving.may_change(view, found, request.user),
            "is_first": view.pk == tabs.preference.default_view_id,
        }
        for view in tabs.views
    ]
    context = {"kind": found, "rows": rows, "all_url": tabs.all_url}
    return render(request, "lists/views.html", context)


@require_http_methods(["GET", "POST"])
def save(request: HttpRequest, kind: str) -> HttpResponse:
    """Keep what the list shows under a name."""
    check_parameters(request.GET, ["parameters"])
    found = kind_of(kind)
    form = ViewForm(
        request.POST or None,
        may_share=found.may_share(request.user),
        initial={"parameters": request.GET.get("parameters", "")},
    )
    if form.is_bound and form.is_valid():
        wishes = dict(form.cleaned_data)
        is_default = wishes.pop("is_default")
        try:
            view = saving.save(found, request=request, **wishes)
        except ValidationError as error:
            form.add_refusal(error)
        else:
            if is_default:
                saving.open_first(found, view, by=request.user)
            messages.success(request, _("The view “%(name)s” is kept.") % {"name": view})
            return HttpResponseRedirect(Tabs(request, found).url_of(view))
    return _form_page(request, found, form, _("Save as a view"))


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Rename a view, share it, or let the list open with it."""
    check_parameters(request.GET, [])
    found, view = _found(request, kind, pk)
    tabs = Tabs(request, found)
    was_first = tabs.preference.default_view_id == view.pk
    form = ViewForm(
        request.POST or None,
        may_share=found.may_share(request.user),
        initial={"name": view.name, "is_shared": view.is_shared, "is_default": was_first},
    )
    if form.is_bound and form.is_valid():
        wishes = {n: form.cleaned_data.get(n) for n in ("name", "is_shared")}
        is_first = form.cleaned_data["is_default"]
        try:
            view = saving.change(view, found, request=request, **wishes)
        except ValidationError as error:
            form.add_refusal(error)
        else:
            if is_first != was_first:
                saving.open_first(found, view if is_first else None, by=request.user)
            messages.success(request, _("The view “%(name)s” is kept.") % {"name": view})
            return HttpResponseRedirect(reverse("lists:views", args=[found.name]))
    return _form_page(request, found, form, _("Edit the view “%(name)s”") % {"name": view})


@require_POST
def keep(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Let a view hold what the list shows now."""
    found, view = _found(request, kind, pk)
    try:
        view = saving.change(
            view, found, request=request, parameters=request.POST.get("parameters", "")
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The view “%(name)s” is kept.") % {"name": view})
    return HttpResponseRedirect(Tabs(request, found).url_of(view))


@require_POST
def move(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Put a view one place up or down."""
    found, view = _found(request, kind, pk)
    saving.move(view, found, by=request.user, steps=STEPS.get(request.POST.get("to", ""), 0))
    return HttpResponseRedirect(reverse("lists:views", args=[found.name]))


@require_POST
def delete(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Throw a view away."""
    found, view = _found(request, kind, pk)
    saving.delete(view, found, by=request.user)
    messages.success(request, _("The view “%(name)s” has been deleted.") % {"name": view})
    return HttpResponseRedirect(reverse("lists:views", args=[found.name]))


@require_POST
def open_first(request: HttpRequest, kind: str) -> HttpResponse:
    """Let the list open with a view, or with all rows again."""
    found = kind_of(kind)
    text = request.POST.get("view", "")
    view = _found(request, kind, as_id(text) or 0)[1] if text else None
    saving.open_first(found, view, by=request.user)
    return HttpResponseRedirect(reverse("lists:views", args=[found.name]))


@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, kind: str) -> HttpResponse:
    """Choose which columns a list shows, and in which order; it is remembered."""
    check_parameters(request.GET, ["next", PARAMETER])
    found = kind_of(kind)
    back = _list_address(request, found)
    if request.method == "POST":
        chosen = _posted_columns(request, found)
        saving.prefer_columns(found, chosen, by=request.user)
        if any(name in request.POST for name in STEPS):
            query = QueryDict(mutable=True)
            query["next"] = _with_columns(back, chosen)
            return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")
        return HttpResponseRedirect(_with_columns(back, chosen))
    shown = found.columns.chosen(_columns_of(request, found, back))
    context = {"kind": found, "shown": shown, "rows": found.columns.ordered(shown), "back": back}
    return render(request, "lists/columns.html", context)


def _found(request: HttpRequest, kind: str, pk: int) -> tuple[ListKind, SavedView]:
    found = kind_of(kind)
    views = SavedView.objects.visible_to(request.user).filter(kind=found.name)
    return found, get_object_or_404(views, pk=pk)


def _form_page(request: HttpRequest, kind: ListKind, form: ViewForm, title: str) -> HttpResponse:
    text = form["parameters"].value() or ""
    sentence = kind.filterset(request, QueryDict(text)).sentence()
    context = {
        "kind": kind,
        "form": form,
        "title": title,
        "phrases": [chip.text for chip in chips(QueryDict(), sentence)],
    }
    return render(request, "lists/view_form.html", context, status=422 if form.errors else 200)


def _posted_columns(request: HttpRequest, kind: ListKind) -> str:
    """Return the ticked columns in the order of the form, one of them moved if asked.

    Nothing when the usual ones are asked for.
    """
    if "usual" in request.POST:
        return ""
    order = [name for name in request.POST.getlist("order") if name in kind.columns.by_name]
    for way, steps in STEPS.items():
        name = request.POST.get(way, "")
        if name in order:
            place = max(1, order.index(name) + steps)
            order.remove(name)
            order.insert(place, name)
    ticked = {kind.columns.first.name, *request.POST.getlist("shown")}
    return ",".join(name for name in order if name in ticked)


def _columns_of(request: HttpRequest, kind: ListKind, back: str) -> str:
    asked = QueryDict(back.partition("?")[2]).get(PARAMETER, "")
    if asked:
        return kind.columns.known(asked)
    rows = ListPreference.objects.filter(kind=kind.name, user=request.user.pk)
    return kind.columns.known(rows.values_list("columns", flat=True).first() or "")


def _list_address(request: HttpRequest, kind: ListKind) -> str:
    """Return the address of the list from which one came, with its parameters."""
    target = request.POST.get("next") or request.GET.get("next", "")
    return target if target.partition("?")[0] == kind.url else kind.url


def _with_columns(address: str, chosen: str) -> str:
    path, _mark, text = address.partition("?")
    query = QueryDict(text, mutable=True)
    query.pop(PARAMETER, None)
    if chosen:
        query[PARAMETER] = chosen
    return f"{path}?{query.urlencode()}" if query else path
