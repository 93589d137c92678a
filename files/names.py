"""What a file is called, and whether it may be kept, whatever it came with."""

import mimetypes
import unicodedata
from pathlib import PurePosixPath

from django.conf import settings

from files.models import LONGEST_NAME

LONGEST_ENDING = 20
UNKNOWN_TYPE = "application/octet-stream"
# How programs and pages begin, whatever they are called.
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe")
PAGES = (b"<!doctype html", b"<html", b"<svg", b"<script")
SNIFFED = 512


def clean_name(name: str) -> str:
    """Return a name that is only a name: no folders, no characters that cannot be seen.

    What turns the direction of writing goes too, so that "gpj.exe" stays what
    it is. A long name is cut before its ending; nothing at all is called "file".
    """
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    seen = "".join(" " if c.isspace() else c for c in name if c.isspace() or _is_seen(c))
    words = " ".join(seen.split()).strip(". ")
    ending = PurePosixPath(words).suffix[:LONGEST_ENDING]
    if len(words) > LONGEST_NAME:
        words = words[: LONGEST_NAME - len(ending)].rstrip() + ending
    return words or "file"


def type_of(name: str) -> str:
    """Return the content type that a name promises."""
    return mimetypes.guess_type(name, strict=False)[0] or UNKNOWN_TYPE


def is_refused(name: str, beginning: bytes) -> bool:
    """Say whether a file is a program or a page that a browser would run."""
    if PurePosixPath(name).suffix.lower().lstrip(".") in settings.REFUSED_FILES:
        return True
    start = beginning[:SNIFFED].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(PROGRAMS) or start.lower().startswith(PAGES)


def _is_seen(character: str) -> bool:
    return not unicodedata.category(character).startswith("C")
