"""Brings locale/nb up to date with what code and templates say; no gettext is needed.

`python bin/messages.py` merges; `--check` says what is missing, and fails then.
"""

import argparse
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract, extract_from_file
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "crm",
    "lists",
    "notices",
    "salespeople",
    "contacts",
    "changes",
    "salescycles",
    "files",
    "tasks",
    "opportunities",
    "quotes",
    "analytics",
    "search",
    "interchange",
    "demo",
)
LANGUAGE = "nb"
PO = ROOT / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "pgettext_lazy": ((1, "c"), 2),
}
type Message = tuple[int, Any, list[str], str | None]


def main() -> int:
    """Merge or check."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        problems = check()
        print("\n".join(problems))
        return 1 if problems else 0
    merge()
    return 0


def extracted() -> Catalog:
    """Return every message of code and templates, with the files where it stands."""
    catalog = Catalog(locale=LANGUAGE, charset="utf-8", project="crm", fuzzy=False)
    for path, messages in sources():
        for _line, message, comments, context in messages:
            catalog.add(message, locations=[(path, 0)], auto_comments=comments, context=context)
    return catalog


def sources() -> Iterator[tuple[str, list[Message]]]:
    """Yield each file with its messages."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                found = extract_from_file(
                    "python", path, keywords=KEYWORDS, comment_tags=("Translators:",)
                )
                yield str(path.relative_to(ROOT)), list(found)
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in (".html", ".txt"):
            text = templatize(path.read_text(), origin=str(path))
            flat = "\n".join(line.strip() for line in text.splitlines())
            messages = extract("python", io.BytesIO(flat.encode()), keywords=KEYWORDS)
            yield str(path.relative_to(ROOT)), list(messages)


def merge() -> None:
    """Add what is new to the translations, drop what is gone, keep the rest."""
    catalog = known()
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.header_comment = "# The product in Norwegian Bokmål; bin/messages.py keeps it complete."
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    catalog.last_translator = catalog.language_team = catalog.msgid_bugs_address = ""
    catalog.project, catalog.version = "Sales opportunities", "1"
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as out:
        write_po(out, catalog, width=100, sort_output=True, omit_header=False, include_lineno=False)


def known() -> Catalog:
    """Return the translations as they are."""
    if not PO.exists():
        return Catalog(locale=LANGUAGE, charset="utf-8", project="crm", fuzzy=False)
    with PO.open("rb") as source:
        return read_po(source, locale=LANGUAGE)


def check() -> list[str]:
    """Return a line for each message that is not translated, or no longer there."""
    catalog, wanted = known(), extracted()
    problems = []
    for message in wanted:
        if not message.id:
            continue
        own = catalog.get(message.id, message.context)
        strings = (
            own.string if own and isinstance(own.string, (list, tuple)) else [own and own.string]
        )
        if own is None or own.fuzzy or not all(strings):
            where = message.locations[0][0] if message.locations else "?"
            problems.append(f"not translated: {message.id!r} ({where})")
        elif errors := list(own.check(catalog)):
            problems.append(f"wrong placeholders: {message.id!r}: {errors[0]}")
    problems += [
        f"no longer there: {message.id!r}"
        for message in catalog
        if message.id and wanted.get(message.id, message.context) is None
    ]
    return problems


if __name__ == "__main__":
    sys.exit(main())
