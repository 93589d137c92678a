"""What the tests of the admin pages share: a page's form as a browser would send it."""

from typing import Any

from django.test import Client
from django.urls import reverse


def address(verb: str, model: Any, pk: int | None = None) -> str:
    """Return the address of an admin page of a model: changelist, add, change or delete."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{verb}"
    return reverse(name, args=[] if pk is None else [pk])


def filled(client: Client, page: str) -> dict[str, str]:
    """Return what a browser sends when nothing on the page is changed."""
    response = client.get(page)
    assert response.status_code == 200, page
    context = response.context
    data = _values(context["adminform"].form)
    for inline in context["inline_admin_formsets"]:
        data |= _values(inline.formset.management_form)
        for form in inline.formset.forms:
            data |= _values(form)
    return data


def _values(form: Any) -> dict[str, str]:
    """Return the values of a form's fields; boxes that are not ticked are not sent."""
    found = {}
    for field in form:
        value = field.value()
        is_box = getattr(field.field.widget, "input_type", "") == "checkbox"
        if (is_box and not value) or field.field.disabled:
            continue
        found[field.html_name] = "" if value is None else str(value)
    return found


def row(prefix: str, number: int, **values: Any) -> dict[str, str]:
    """Return the fields of a row of an inline table, and that there are so many rows."""
    total = {f"{prefix}-TOTAL_FORMS": str(number + 1)}
    return total | {f"{prefix}-{number}-{name}": str(value) for name, value in values.items()}


def post(client: Client, page: str, **changes: Any) -> Any:
    """Send the page's form with changes; None leaves a field out."""
    data = filled(client, page) | changes
    return client.post(page, {name: v for name, v in data.items() if v is not None})


def errors(response: Any) -> list[str]:
    """Return every refusal on the page: of the form, of its rows, and of the table."""
    assert response.status_code == 200, (response.status_code, response.headers)
    found = [text for texts in response.context["adminform"].form.errors.values() for text in texts]
    for inline in response.context["inline_admin_formsets"]:
        found += inline.formset.non_form_errors()
        for one in inline.formset.errors:
            found += [text for texts in one.values() for text in texts]
    return found


def said(client: Client, response: Any) -> list[str]:
    """Return the messages after the answer has led on."""
    assert response.status_code == 302, errors(response)
    page = client.get(response["Location"])
    return [str(message) for message in page.context["messages"]]
