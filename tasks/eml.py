"""Reads a saved mail (.eml) into plain facts, whatever it holds; nothing is fetched.

Mails come from everywhere, and so do attacks: whatever the standard library
cannot read is read more simply or left out, and what is no mail at all is
refused with a sentence. Sizes, the number of parts and their depth are bounded.
"""

import hashlib
import re
from codecs import lookup
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

MOST_PARTS = 500
MOST_DEPTH = 50
MOST_DASHES = 20_000  # lines that may end a part: seen before the parser makes parts of them
MOST_TEXT = 95_000  # of what the door takes, with room for a note on what was left out
MOST_HTML = 400_000
MOST_SUBJECT = 200
MOST_ID = 500
MOST_HEADER = 100_000  # characters of one: a thousand recipients
MOST_WORDS = 4_000  # of one that is decoded, or taken apart: that takes the square of the time
MOST_SAME = 10  # headers of one name
SLOW_CHARSETS = ("punycode", "idna")  # of names, not of mails; decoded in the square of the time
FIRST_YEAR = 1970
OUTLOOK = b"\xd0\xcf\x11\xe0"  # how a .msg begins
HEADERS = ("From", "To", "Cc", "Subject", "Date", "Message-ID", "Received")
FEWEST_HEADERS = 2
# What reading a hostile header or part has been seen to raise.
UNREADABLE = (
    AttributeError, AssertionError, LookupError, MessageError, RecursionError, TypeError,
    ValueError,
)  # fmt: skip
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
LINES = ("div", "tr", "li", "section", "pre", "address")
PARAGRAPHS = (
    "p", "ul", "ol", "table", "blockquote", "hr", "h1", "h2", "h3", "h4", "h5", "h6",
)  # fmt: skip
# What stands for a break while a page is read.
BREAK, LINE, PARAGRAPH = "\x01", "\x02", "\x03"
MARKS = {"br": BREAK, "td": " ", "th": " "}
UNREAD = ("script", "style", "head", "title", "template", "noscript", "textarea")
NO_MARKS = dict.fromkeys(range(4))

type Mail = Message[Any, Any]  # evaluated by type checkers only


@dataclass(frozen=True)
class Part:
    """A file in a mail, called as the mail says."""

    name: str
    content: bytes


@dataclass(frozen=True)
class SavedMail:
    """What a mail says; addresses in small letters, `sent_at` never in the future."""

    subject: str
    sender: str
    recipients: list[str]
    sent_at: datetime
    message_id: str
    text: str
    parts: list[Part]


class Bounded(policy.Compat32):
    """Reads headers as the library always has, and no more of one than it can take apart soon."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Return name and value, cut."""
        name, value = super().header_source_parse(sourcelines)
        is_apart = name.lower().startswith("content-")
        return name, value[: MOST_WORDS if is_apart else MOST_HEADER]


def read_mail(content: bytes) -> SavedMail:
    """Return the facts of a mail; ValidationError with a sentence for what is none."""
    if content.startswith(OUTLOOK):
        raise ValidationError(
            _("This is an Outlook file (.msg). Save the mail as .eml, or forward it."), code="msg"
        )
    if content.count(b"\n--") > MOST_DASHES or content.count(b"multipart/") > MOST_PARTS:
        raise _too_many_parts()
    try:
        message = message_from_bytes(content, policy=Bounded())
    except UNREADABLE as error:
        raise _no_mail() from error
    if sum(header in message for header in HEADERS) < FEWEST_HEADERS:
        raise _no_mail()
    leaves = list(_leaves(message))
    senders = _addresses(message, "From") or _addresses(message, "Sender")
    return SavedMail(
        subject=_header(message, "Subject")[:MOST_SUBJECT] or _("(no subject)"),
        sender=senders[0] if senders else "",
        recipients=[*_addresses(message, "To"), *_addresses(message, "Cc")],
        sent_at=_date(message),
        message_id=_header(message, "Message-ID")[:MOST_ID] or _fingerprint(content),
        text=_text(leaves),
        parts=[part for leaf in leaves if (part := _part(leaf)) is not None],
    )


def plain_text(html: str) -> str:
    """Return the text of a page: no scripts, no styles, a line for each block of it.

    The page is read once from beginning to end, so that a deep one costs no more
    than a flat one.
    """
    page = _tame(html[:MOST_HTML].translate(NO_MARKS))
    soup = BeautifulSoup(page, "html.parser")
    text = "".join(_pieces(soup))
    text = re.sub(r"[^\S\x01-\x03]+", " ", text)
    text = re.sub(
        r" ?[\x02\x03][\x02\x03 ]*",
        lambda found: "\n\n" if PARAGRAPH in found[0] else "\n",
        text,
    )
    return re.sub(r" ?\x01 ?", "\n", text)


def _tame(html: str) -> str:
    """Leave out comments and declarations, and escape what begins a tag and never ends one.

    The parser's time then grows with the length of the page, not with its square.
    """
    first, *rest = html.split("<!--")
    html = "".join([first, *(piece.partition("-->")[2] for piece in rest)])
    first, *rest = html.split("<")
    return "".join([first, *(_tame_tag(piece) for piece in rest)])


def _tame_tag(piece: str) -> str:
    """Return what follows a "<", up to the next."""
    if ">" not in piece:
        return f"&lt;{piece}"
    return piece.partition(">")[2] if piece.startswith(("!", "?")) else f"<{piece}"


def _pieces(soup: BeautifulSoup) -> Iterator[str]:
    """Yield the texts in order, with a mark where a block begins and where it ends."""
    within: list[Tag] = [soup]
    for node in soup.descendants:
        while within[-1] is not node.parent:
            ended = within.pop()
            yield _mark(ended) if ended.name != "br" else ""
        if isinstance(node, Tag):
            yield _mark(node)
            within.append(node)
        elif type(node) is NavigableString and not _is_unread(node):
            yield node


def _is_unread(node: NavigableString) -> bool:
    return node.parent is not None and node.parent.name in UNREAD


def _mark(tag: Tag) -> str:
    if tag.name in PARAGRAPHS:
        return PARAGRAPH
    return LINE if tag.name in LINES else MARKS.get(tag.name, "")


def _no_mail() -> ValidationError:
    return ValidationError(
        _("This is not a saved mail. Save it as .eml in your mail program."), code="no_mail"
    )


def _too_many_parts() -> ValidationError:
    return ValidationError(_("The mail has too many parts."), code="parts")


def _leaves(message: Mail) -> Iterator[Mail]:
    """Yield the parts that hold something, in order; a mail in a mail is one of them."""
    waiting, number = [(message, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        number += 1
        if number > MOST_PARTS or depth > MOST_DEPTH:
            raise _too_many_parts()
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting += [
                (child, depth + 1) for child in reversed(inner) if not isinstance(child, str)
            ]
        else:
            yield part


def _header(message: Mail, name: str) -> str:
    """Return a header in one line, decoded as far as it can be."""
    try:
        raw = str(message.get(name, ""))[:MOST_WORDS]
    except UNREADABLE:
        return ""
    try:
        value = str(make_header(decode_header(raw)))
    except UNREADABLE:
        value = raw
    return " ".join(_clean(value).split())


def _addresses(message: Mail, name: str) -> list[str]:
    """Return the addresses of a header, in small letters, without names."""
    try:
        values = [str(value) for value in message.get_all(name, [])[:MOST_SAME]]
        found = [address for _name, address in getaddresses(values)]
    except UNREADABLE:
        return []
    return [_clean(address).strip().lower() for address in found if "@" in address]


def _date(message: Mail) -> datetime:
    """Return when it was sent: now for what is missing, unreadable, or in the future."""
    now = timezone.now()
    try:
        found = parsedate_to_datetime(_header(message, "Date"))
        moment = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (*UNREADABLE, OverflowError):
        return now
    return min(moment, now) if moment.year >= FIRST_YEAR else now


def _fingerprint(content: bytes) -> str:
    """Return what tells a mail without an id from all others."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _text(leaves: list[Mail]) -> str:
    """Return what is to be read: the plain parts, or else the HTML turned into text."""
    shown = [leaf for leaf in leaves if _is_shown(leaf)]
    plain = [_decoded(leaf) for leaf in shown if leaf.get_content_type() == "text/plain"]
    text = "\n\n".join(part for part in plain if part.strip())
    if not text:
        pages = [_decoded(leaf) for leaf in shown if leaf.get_content_type() == "text/html"]
        text = "\n\n".join(_read_page(page) for page in pages)
    lines = [line.rstrip() for line in _clean(text).replace("\r\n", "\n").splitlines()]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…"


def _read_page(html: str) -> str:
    try:
        return plain_text(html)
    except UNREADABLE:
        return re.sub(r"<[^>]{0,1000}>", " ", html[:MOST_HTML])


def _is_shown(leaf: Mail) -> bool:
    """Say whether a part is the mail's own text and no file."""
    return leaf.get_content_maintype() == "text" and not _file_name(leaf) and not _is_file(leaf)


def _is_file(leaf: Mail) -> bool:
    try:
        return leaf.get_content_disposition() == "attachment"
    except UNREADABLE:
        return False


def _file_name(leaf: Mail) -> str:
    try:
        name = leaf.get_filename() or ""
    except UNREADABLE:
        return ""
    try:
        return str(make_header(decode_header(name)))
    except UNREADABLE:
        return name


def _part(leaf: Mail) -> Part | None:
    """Return the file that a part is; None for the text, and for pictures within it."""
    is_mail = leaf.get_content_type() == "message/rfc822"
    is_picture = leaf.get_content_maintype() == "image" and "Content-ID" in leaf
    if _is_shown(leaf) or (is_picture and not _is_file(leaf)):
        return None
    name = _file_name(leaf) or (_("mail.eml") if is_mail else _("part"))
    return Part(name, _mail_bytes(leaf) if is_mail else _bytes(leaf))


def _mail_bytes(leaf: Mail) -> bytes:
    """Return a mail in a mail as it would be saved."""
    inner: Any = leaf.get_payload()
    try:
        found: bytes = inner[0].as_bytes() if isinstance(inner, list) else _bytes(leaf)
    except UNREADABLE:
        return b""
    return found


def _bytes(leaf: Mail) -> bytes:
    try:
        content = leaf.get_payload(decode=True)
    except UNREADABLE:
        content = None
    return content if isinstance(content, bytes) else b""


def _decoded(leaf: Mail) -> str:
    """Return a text part: in the charset that it names, else in what usually fits."""
    content = _bytes(leaf)
    try:
        named = lookup(leaf.get_content_charset() or "utf-8").name
    except UNREADABLE:
        named = "utf-8"
    if named in SLOW_CHARSETS:
        named = "utf-8"
    for charset in (named, "utf-8"):
        try:
            return content.decode(charset)
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("cp1252", errors="replace")


def _clean(text: str) -> str:
    """Leave out what cannot be seen, and what no database keeps."""
    return UNSEEN.sub("", text)
