"""The door of files: attach, remove, restore.

A file is written before its row, and removed again if the row cannot be; what a
power cut leaves behind is found by the command `sweep_files`.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from files.models import RECORDS, Attachment
from files.names import SNIFFED, clean_name, is_refused, type_of
from salespeople.models import User


@dataclass(frozen=True)
class NewFile:
    """A file to attach: what it was called where it came from, and what is in it."""

    name: str
    content: "File[bytes]"

    @classmethod
    def of_bytes(cls, name: str, content: bytes) -> "NewFile":
        """Return a file of bytes in memory."""
        return cls(name, ContentFile(content))

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.content.size or 0


def attach(files: Sequence[NewFile], *, by: User, **record: Any) -> list[Attachment]:
    """Attach files to one record: all or none.

    The record is `opportunity=`, `contact=`, `quote=` or `interaction=`.
    Raises ValidationError with a sentence for what is too big, too many, a
    program or a page; and DoesNotExist for a record that `by` may not see.
    """
    name = _name_of(record)
    check_files(files)
    stored: list[str] = []
    try:
        with transaction.atomic():
            row = seen_record(name, by=by).get(pk=record[name].pk)
            made = [_stored(file, {name: row}, stored, by=by) for file in files]
            return Attachment.objects.bulk_create(made)
    except BaseException:
        _discard(stored)
        raise


@contextmanager
def kept_together() -> Iterator[list[Attachment]]:
    """Open a transaction; what is put into the list loses its files, too, if it fails.

    For who attaches files and goes on: the rows are rolled back by themselves.
    """
    attached: list[Attachment] = []
    try:
        with transaction.atomic():
            yield attached
    except BaseException:
        _discard([attachment.file.name or "" for attachment in attached])
        raise


def _discard(paths: Iterable[str]) -> None:
    """Delete files whose rows there will not be."""
    for path in paths:
        Attachment._meta.get_field("file").storage.delete(path)


def remove(attachment: Attachment, *, by: User) -> Attachment:
    """Take it from its record; it can be restored until it is swept. Twice is once."""
    with transaction.atomic():
        fresh = _locked(attachment, by=by)
        if fresh.removed_at is None:
            fresh.removed_at, fresh.removed_by = timezone.now(), by
            fresh.save(update_fields=["removed_at", "removed_by"])
        return fresh


def restore(attachment: Attachment, *, by: User) -> Attachment:
    """Undo the removal."""
    with transaction.atomic():
        fresh = _locked(attachment, by=by)
        if fresh.removed_at is not None:
            fresh.removed_at = fresh.removed_by = None
            fresh.save(update_fields=["removed_at", "removed_by"])
        return fresh


def seen_record(name: str, *, by: Any) -> Any:
    """Return the records of a kind that `by` may see, without deleted ones."""
    model: Any = Attachment._meta.get_field(name).related_model
    rows = model.objects.visible_to(by)
    return rows.kept() if hasattr(rows, "kept") else rows


def check_files(files: Sequence[NewFile]) -> None:
    """Refuse what is too many, too big, empty, a program or a page, all of it at once."""
    problems = [text for file in files if (text := problem_of(file))]
    if not files:
        problems.append(_("Choose a file."))
    if len(files) > settings.MOST_FILES:
        problems.append(_("At most %(most)d files at once.") % {"most": settings.MOST_FILES})
    if sum(file.size for file in files) > settings.MOST_FILE_BYTES:
        most = filesizeformat(settings.MOST_FILE_BYTES)
        problems.append(_("Together they are too big: at most %(most)s at once.") % {"most": most})
    if problems:
        raise ValidationError({"uploads": problems})


def problem_of(file: NewFile) -> str:
    """Return why a file is not kept; "" if it may be."""
    name = clean_name(file.name)
    if not file.size:
        return _("“%(name)s” is empty.") % {"name": name}
    if file.size > settings.MOST_FILE_BYTES:
        most = filesizeformat(settings.MOST_FILE_BYTES)
        return _("“%(name)s” is too big: at most %(most)s.") % {"name": name, "most": most}
    file.content.seek(0)
    beginning = file.content.read(SNIFFED)
    file.content.seek(0)
    if is_refused(name, beginning):
        return _("“%(name)s” is of a kind that is not kept: programs and web pages.") % {
            "name": name
        }
    return ""


def _name_of(record: dict[str, Any]) -> str:
    if len(record) != 1 or not record.keys() <= set(RECORDS):
        raise TypeError(f"a file belongs to one of {RECORDS}: {sorted(record)}")
    return next(iter(record))


def _stored(file: NewFile, record: dict[str, Any], stored: list[str], *, by: User) -> Attachment:
    """Write the file, note where, and return its unsaved row."""
    name = clean_name(file.name)
    attachment = Attachment(
        **record,
        name=name,
        size=file.size,
        content_type=type_of(name),
        sha256=_digest(file.content),
        uploaded_by=by,
    )
    attachment.file.save("", file.content, save=False)
    stored.append(attachment.file.name or "")
    return attachment


def _digest(content: "File[bytes]") -> str:
    content.seek(0)
    digest = hashlib.sha256()
    chunks: Iterable[bytes] = content.chunks()
    for chunk in chunks:
        digest.update(chunk)
    content.seek(0)
    return digest.hexdigest()


def _locked(attachment: Attachment, *, by: User) -> Attachment:
    rows = Attachment.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
    return rows.get(pk=attachment.pk)
