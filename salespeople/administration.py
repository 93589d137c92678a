"""What every admin page shares: it is for administrators, and it never breaks history."""

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, cast, override

from django.apps import apps
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages.storage import default_storage
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db import IntegrityError, models
from django.db.models import ProtectedError, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salespeople.roles import is_administrator

if TYPE_CHECKING:  # Django's classes take type parameters in their stubs only
    Admin = admin.ModelAdmin[Any]
    Inline = admin.TabularInline[Any, Any]
else:
    Admin = admin.ModelAdmin
    Inline = admin.TabularInline


class AdministrationSite(admin.AdminSite):
    """The admin site: open to the role Administrator, whatever `is_staff` says."""

    site_header = gettext_lazy("Administration")
    site_title = gettext_lazy("Administration")
    index_title = gettext_lazy("What would you like to configure?")

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether the person is an administrator."""
        return is_administrator(request.user)

    @override
    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Answer 403 with the reason to whoever is signed in without the role; 400 to nonsense."""
        inner = super().admin_view(view, cacheable)

        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            check_administrator(request)
            check_text(request)
            return inner(request, *args, **kwargs)

        return update_wrapper(checked, inner)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send to the one sign-in page, which counts failures."""
        check_administrator(request)
        target = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(target, settings.LOGIN_URL)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Send to the one page where people change their password."""
        return redirect("accounts:password_change")


def check_administrator(request: HttpRequest) -> None:
    """Raise PermissionDenied for whoever is signed in and is no administrator."""
    if request.user.is_authenticated and not is_administrator(request.user):
        raise PermissionDenied(_("The administration is for administrators."))


def check_text(request: HttpRequest) -> None:
    """Raise BadRequest for an address whose filters no column can hold."""
    if any("\x00" in text for _name, texts in request.GET.lists() for text in texts):
        raise BadRequest(_("The address holds a character that is none."))


class ForAdministrators:
    """Rights by the role, not by Django's permissions: an administrator may do everything."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Say whether the room shows on the first page."""
        return is_administrator(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether rows may be looked at."""
        return is_administrator(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether rows may be added."""
        return is_administrator(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether rows may be changed."""
        return is_administrator(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether rows may be deleted."""
        return is_administrator(request.user)


class ReadOnly(ForAdministrators):
    """To look at only: these rows are written elsewhere."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


class ReadOnlyAdmin(ReadOnly, Admin):
    """An admin page of rows that are written elsewhere."""

    list_per_page = 50
    show_full_result_count = False
    actions = None


class ConfigurationAdmin(ForAdministrators, Admin):
    """An admin page of configuration: what is in use is never deleted (rules D19, D24)."""

    list_per_page = 50
    actions = None

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        """Tell as a message what only the database could know."""
        return self._guarded(
            request, lambda: super(ConfigurationAdmin, self).changeform_view(
                request, object_id, form_url, extra_context
            )
        )  # fmt: skip

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Refuse with the number of uses, before Django lists them all."""
        row = self.get_object(request, object_id)
        refusal = self.deletion_refusal(row) if row is not None else None
        if row is not None and refusal:
            self.message_user(request, refusal, messages.ERROR)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", row.pk)
        return self._guarded(
            request,
            lambda: super(ConfigurationAdmin, self).delete_view(request, object_id, extra_context),
        )

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Name what is changed in the list itself."""
        formset = super().get_changelist_formset(request, **kwargs)
        for field in formset.form.base_fields.values():
            field.widget.attrs.setdefault("aria-label", field.label)
        return formset

    def deletion_refusal(self, row: models.Model) -> str | None:
        """Return why `row` may not be deleted; None if it may."""
        return deletion_refusal(row)

    def _guarded(self, request: HttpRequest, answer: Callable[[], Any]) -> Any:
        """Return the answer, or the same page with the database's refusal in words.

        What was announced before the database refused is not said.
        """
        try:
            return answer()
        except (IntegrityError, ProtectedError) as error:
            request._messages = default_storage(request)  # type: ignore[attr-defined]
            self.message_user(request, database_refusal(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


def name_cells(form: Any) -> None:
    """Give each field of a table's row its label, which stands in the table's head only."""
    for field in form.fields.values():
        # Django's admin wraps the choice of a row into another widget, which draws the buttons.
        widget = getattr(field.widget, "widget", field.widget)
        widget.attrs.setdefault("aria-label", field.label)


def uses(row: models.Model, *, by: Any = None) -> list[tuple[type[models.Model], int]]:
    """Return which models name `row` and would be orphaned by its deletion, and how often.

    A row that names it twice counts once; with `by`, those that `by` may see.
    One query per model.
    """
    naming: dict[type[models.Model], Q] = {}
    for relation in type(row)._meta.get_fields(include_hidden=True):
        if getattr(relation, "on_delete", None) is not models.PROTECT or relation.concrete:
            continue
        model: Any = relation.related_model
        naming[model] = naming.get(model, Q()) | Q((cast("Any", relation).field.name, row.pk))
    counts = [(model, _rows(model, by).filter(named).count()) for model, named in naming.items()]
    return [(model, count) for model, count in counts if count]


def _rows(model: Any, by: Any) -> Any:
    """Return all rows, or those that `by` may see where the model knows that."""
    if by is not None and hasattr(model._default_manager, "visible_to"):
        return model._default_manager.visible_to(by)
    return model._base_manager


def deletion_refusal(row: models.Model) -> str | None:
    """Return why `row` may not be deleted, by how many it is used; None if it may (D19)."""
    found = [
        f"{count} {model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural}"
        for model, count in uses(row)
    ]
    if not found:
        return None
    sentence = _("“%(name)s” is not deleted, because it is used by %(uses)s.")
    advice = {
        "is_blocked": _("Block it instead: then it cannot be chosen for anything new."),
        "is_active": _("Take away “active” instead: then nobody signs in with it."),
    }
    names = {field.name for field in row._meta.get_fields()}
    words = [sentence % {"name": row, "uses": get_text_list(found, _("and"))}]
    words += [text for name, text in advice.items() if name in names]
    return " ".join(words)


def check_deletion(row: models.Model) -> None:
    """Raise ValidationError if something in use would be deleted."""
    refusal = deletion_refusal(row)
    if refusal:
        raise ValidationError(refusal, code="in_use")


def database_refusal(error: Exception) -> str:
    """Return the sentence of the constraint that `error` comes from."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return str(constraint.get_violation_error_message())
    return _("It is in use, or somebody changed it in the meantime. Nothing was saved.")
