"""The stylesheets: colours in one place, no rule for nothing, and what set-up keeps of Tabler's."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from contacts.models import Tag

ROOT = settings.BASE_DIR
# Classes that libraries give.
GIVEN = {"htmx-", "sortable-"}
# Django's own admin and mail programs take no tokens of ours.
APART = ("admin.css", "mail.css")
SHEETS = sorted(path for path in (ROOT / "static/css").glob("*.css") if path.name not in APART)
CRISPY = Path(apps.get_app_config("crispy_bootstrap5").path)


def rules_of(sheet: Path) -> str:
    """Return a stylesheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)


def words() -> set[str]:
    """Return every word that may be a class: of templates, scripts, our code and crispy-forms."""
    rooms = [path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"]
    files = [
        *(file for room in rooms for file in room.rglob("*.py")),
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "static/js").glob("*.js"),
        *CRISPY.rglob("*.html"),
    ]
    found = {
        word
        for file in files
        for word in re.findall(r"(?:[A-Za-z]|(?<=\}\})-)[\w-]*", file.read_text())
    }
    return found | GIVEN


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_colours_stand_among_the_tokens(sheet: Path) -> None:
    found = re.findall(r"#[0-9a-fA-F]{3,8}\b", rules_of(sheet))

    assert bool(found) == (sheet.name == "tokens.css"), found


def is_known(name: str, known: set[str]) -> bool:
    """Say whether a class stands somewhere, or a part of one that is put together."""
    hyphens = list(re.finditer("-", name))
    beginnings = (name[: hyphen.end()] for hyphen in hyphens)
    ends = (name[hyphen.start() :] for hyphen in hyphens)
    return name in known or any(part in known for part in (*beginnings, *ends))


def test_every_rule_has_something_that_it_is_for() -> None:
    known = words()
    dead = {
        f"{sheet.name}: .{name}"
        for sheet in SHEETS
        for selector in re.findall(r"([^{}]+)\{", rules_of(sheet))
        for name in re.findall(r"\.([A-Za-z][\w-]*)", selector)
        if not is_known(name, known)
    }

    assert sorted(dead) == []


def test_set_up_keeps_what_templates_put_together() -> None:
    kept = (settings.LOCAL_DIR / "assets/vendor/tabler.min.css").read_text()
    classes = [f"bg-{colour}-lt" for colour in Tag.Colour.values]
    classes += [f"btn-{tone}" for tone in ("primary", "success", "danger")]
    classes += [f"alert-{level}" for level in ("success", "info", "warning", "danger")]

    assert [name for name in classes if f".{name}" not in kept] == []
    assert ".carousel" not in kept
