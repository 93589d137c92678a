"""The door of saved views and of what a person prefers: save, change, delete, move, open first.

The functions raise `ValidationError` with a sentence beside its field,
`PermissionDenied` with who may do it instead, and `SavedView.DoesNotExist` for
what `by` may not see.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from lists.columns import PARAMETER
from lists.grouping import GROUP
from lists.kinds import PASSING, ListKind
from lists.models import MOST_PARAMETERS, ListPreference, SavedView

MOST_VIEWS = 50


def save(
    kind: ListKind, *, request: HttpRequest, name: str, parameters: str, is_shared: bool = False
) -> SavedView:
    """Keep filters, order and columns under a name, as the last of the person's views."""
    by: Any = request.user
    with transaction.atomic():
        _lock_owner(by)
        own = SavedView.objects.filter(kind=kind.name, owner=by)
        positions = list(own.values_list("position", flat=True))
        if len(positions) >= MOST_VIEWS:
            raise ValidationError(
                {"name": _("At most %(most)d views: delete one first.") % {"most": MOST_VIEWS}}
            )
        if is_shared:
            _check_may_share(kind, by)
        view = SavedView(kind=kind.name, owner=by, position=max(positions, default=0) + 1)
        view.name = _check_name(view, name)
        view.parameters = check_parameters_of(kind, request, parameters)
        view.is_shared = is_shared
        view.save(force_insert=True)
        return view


def _lock_owner(owner: Any) -> None:
    """Let one person's views be named one after another, the first of them too."""
    people: Any = SavedView._meta.get_field("owner").related_model
    people.objects.select_for_update(no_key=True).get(pk=owner.pk)


def change(
    view: SavedView,
    kind: ListKind,
    *,
    request: HttpRequest,
    name: str | None = None,
    parameters: str | None = None,
    is_shared: bool | None = None,
) -> SavedView:
    """Rename it, share it, or let it hold something else; None keeps."""
    with locked(view, kind, by=request.user) as fresh:
        if name is not None:
            fresh.name = _check_name(fresh, name)
        if parameters is not None:
            fresh.parameters = check_parameters_of(kind, request, parameters)
        if is_shared is not None and is_shared != fresh.is_shared:
            _check_may_share(kind, request.user)
            fresh.is_shared = is_shared
        fresh.save(update_fields=["name", "parameters", "is_shared"])
        return fresh


def delete(view: SavedView, kind: ListKind, *, by: Any) -> None:
    """Throw it away; whoever it opened the list for sees all again."""
    with locked(view, kind, by=by) as fresh:
        fresh.delete()


def move(view: SavedView, kind: ListKind, *, by: Any, steps: int) -> None:
    """Put it so many places behind (or before) where it stands among the owner's."""
    with locked(view, kind, by=by) as fresh:
        rows = SavedView.objects.filter(kind=fresh.kind, owner=fresh.owner_id)
        others = list(rows.exclude(pk=fresh.pk).select_for_update())
        place = sum((other.position, other.pk) < (fresh.position, fresh.pk) for other in others)
        others.insert(max(0, place + steps), fresh)
        for position, row in enumerate(others, start=1):
            row.position = position
        SavedView.objects.bulk_update(others, ["position"])


def open_first(kind: ListKind, view: SavedView | None, *, by: Any) -> None:
    """Let the list open with this view for `by`; None: with all rows."""
    if view is not None and not SavedView.objects.visible_to(by).filter(pk=view.pk).exists():
        raise SavedView.DoesNotExist
    ListPreference.objects.update_or_create(
        kind=kind.name, user=by, defaults={"default_view": view}
    )


def prefer_columns(kind: ListKind, columns: str, *, by: Any) -> None:
    """Remember the columns for `by`; "" gives back the usual ones."""
    try:
        kind.columns.chosen(columns)
    except BadRequest as error:
        raise ValidationError(str(error)) from error
    ListPreference.objects.update_or_create(kind=kind.name, user=by, defaults={"columns": columns})


def prefer_arrangement(name: str, wishes: dict[str, str], *, by: Any) -> None:
    """Remember how `by` wants a list to be arranged; what is not wished for stays."""
    with transaction.atomic():
        rows = ListPreference.objects.select_for_update()
        preference, _is_new = rows.get_or_create(kind=name, user=by)
        arrangement = QueryDict(preference.arrangement, mutable=True)
        for key, value in wishes.items():
            arrangement[key] = value
        preference.arrangement = arrangement.urlencode()
        preference.save(update_fields=["arrangement"])


def arrangement_of(name: str, *, user: Any) -> dict[str, str]:
    """Return what `user` wished for last: one query."""
    rows = ListPreference.objects.filter(kind=name, user=user.pk)
    text = rows.values_list("arrangement", flat=True).first()
    return QueryDict(text or "").dict()


def may_change(view: SavedView, kind: ListKind, user: Any) -> bool:
    """Say whether it is one's own, or shared and one's to look after."""
    return view.owner_id == user.pk or (view.is_shared and kind.may_share(user))


@contextmanager
def locked(view: SavedView, kind: ListKind, *, by: Any) -> Iterator[SavedView]:
    """Open a transaction and yield the view, locked, for who may change it."""
    with transaction.atomic():
        rows = SavedView.objects.visible_to(by).filter(kind=kind.name)
        fresh = rows.select_for_update().get(pk=view.pk)
        if not may_change(fresh, kind, by):
            raise PermissionDenied(_("A shared view is changed by its owner, or by a manager."))
        yield fresh


def check_parameters_of(kind: ListKind, request: HttpRequest, parameters: str) -> str:
    """Return the query string that a view keeps; refuse what the list cannot read.

    Rows that were typed by name are kept by their id.
    """
    query = QueryDict(parameters, mutable=True)
    for name, values in list(query.lists()):
        query.setlist(name, [value for value in values if value])
        if name in PASSING or not query.getlist(name):
            del query[name]
    _check_names(kind, query)
    filterset = kind.filterset(request, query)
    if filterset.form.errors:
        errors = [
            _("%(field)s: %(error)s") % {"field": filterset.form.fields[name].label, "error": e}
            if name in filterset.form.fields
            else e
            for name, found in filterset.form.errors.items()
            for e in found
        ]
        raise ValidationError({"parameters": errors})
    for part in (filterset, *getattr(filterset, "alternatives", ())):
        for name, value in part.used.items():
            rows = value if isinstance(value, list) else [value]
            if all(hasattr(row, "pk") for row in rows):
                query.setlist(part.form.add_prefix(name), [str(row.pk) for row in rows])
    text = query.urlencode()
    if len(text) > MOST_PARAMETERS:
        raise ValidationError({"parameters": _("The filter is too long to be kept.")})
    return text


def _check_names(kind: ListKind, query: QueryDict) -> None:
    unknown = [
        name
        for name, values in query.lists()
        if name not in kind.parameters or (len(values) > 1 and name not in kind.several)
    ]
    sort = query.get("sort", "").removeprefix("-")
    if sort and sort not in kind.columns.sorts:
        unknown.append("sort")
    if query.get(GROUP) and query[GROUP] not in kind.groups:
        unknown.append(GROUP)
    if query.get(PARAMETER, "") != kind.columns.known(query.get(PARAMETER, "")):
        unknown.append(PARAMETER)
    if unknown:
        raise ValidationError(
            {"parameters": _("The list does not know “%(name)s”.") % {"name": unknown[0][:40]}}
        )


def _check_may_share(kind: ListKind, user: Any) -> None:
    if not kind.may_share(user):
        raise PermissionDenied(_("Sharing a view with everybody is for managers."))


def _check_name(view: SavedView, name: str) -> str:
    """Return the name without needless blanks; refuse none, and one's other view's."""
    tidy = " ".join(name.split())
    try:
        view.name = SavedView._meta.get_field("name").clean(tidy, view)
        if "\x00" in tidy:
            raise ValidationError(_("Null characters are not allowed."))
    except ValidationError as error:
        raise ValidationError({"name": error.messages}) from error
    twins = SavedView.objects.filter(kind=view.kind, owner=view.owner_id, name=tidy)
    if twins.exclude(pk=view.pk).exists():
        raise ValidationError({"name": _("You have a view of this name already.")})
    return tidy
