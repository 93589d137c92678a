"""Saved mails of every sort, built here so that each says what is odd about it."""

from email.message import EmailMessage
from email.policy import SMTP
from typing import Any


def usual(**headers: str) -> EmailMessage:
    """Return a plain mail from Kari to Bob."""
    message = EmailMessage(policy=SMTP)
    for name, value in {
        "From": "Kari Nordmann <kari@example.com>",
        "To": "Bob <bob@example.com>",
        "Subject": "Tilbud på tak",
        "Date": "Mon, 05 Jan 2026 10:30:00 +0100",
        "Message-ID": "<1@example.com>",
        **headers,
    }.items():
        message[name] = value
    message.set_content("Hei!\n\nKan dere gi et tilbud på tak?\n")
    return message


def with_files(*files: tuple[str, bytes]) -> bytes:
    """Return a mail with files."""
    message = usual()
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return message.as_bytes()


def raw(*lines: str, body: bytes = b"Hello") -> bytes:
    """Return a mail of these header lines, in Latin-1 as they stand."""
    head = "\r\n".join(lines).encode("latin-1", "replace")
    return head + b"\r\n\r\n" + body


def headed(kind: str, body: bytes, *more: str) -> bytes:
    """Return a mail with a Content-Type and a body."""
    return raw(
        "From: kari@example.com",
        "Subject: Hello",
        "Message-ID: <2@example.com>",
        f"Content-Type: {kind}",
        *more,
        body=body,
    )


def alternative() -> bytes:
    """Return text and HTML that say the same."""
    message = usual()
    message.add_alternative("<p>Hei!</p><p>I <b>HTML</b>.</p>", subtype="html")
    return message.as_bytes()


def html_only() -> bytes:
    """Return HTML with what must not come along."""
    page = (
        "<html><head><title>T</title><style>p{}</style></head><body><p>Hei &amp; hallo</p>"
        "<script>alert(1)</script><ul><li>En<li>To</ul>"
        "<img src='http://tracker.example/x.png'>Slutt<br>her</body></html>"
    )
    return headed("text/html; charset=utf-8", page.encode())


def nested() -> bytes:
    """Return mixed(related(alternative(text, html), picture), file, mail in a mail)."""
    message = usual()
    message.add_alternative("<p>Hei <img src='cid:1'></p>", subtype="html")
    html: Any = message.get_body(("html",))
    html.add_related(
        b"\x89PNG", "image", "png", cid="<1>", filename="logo.png", disposition="inline"
    )
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="a.pdf")
    message.add_attachment(usual(Subject="Inner"))
    return message.as_bytes()


def deep(levels: int) -> bytes:
    """Return multiparts within multiparts."""
    head = b"From: a@example.com\r\nSubject: Deep\r\n"
    body = b""
    for level in range(levels):
        body += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
    return head + body + b"\r\nEnd\r\n"


def broad(parts: int) -> bytes:
    """Return very many parts beside each other."""
    return headed('multipart/mixed; boundary="b"', b"--b\r\n\r\nx\r\n" * parts)


# Whatever comes: each is imported, or refused with a sentence.
ODD: dict[str, bytes] = {
    "empty": b"",
    "not a mail": b"%PDF-1.7\n" + bytes(range(256)) * 50,
    "a letter": b"Dear all,\n\nthis is no mail.\n",
    "one header": b"Subject: Hello\n\nbody",
    "zeros": b"\x00" * 10_000,
    "outlook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 1000,
    "deep": deep(60),
    "bottomless": deep(3000),
    "broad": broad(501),
    "no date": raw("From: a@example.com", "Subject: Hello"),
    "no id, from or date": raw("To: a@example.com", "Subject: Hello"),
    "no subject": raw("From: a@example.com", "To: b@example.com"),
    "future": usual(Date="Mon, 05 Jan 2099 10:30:00 +0100").as_bytes(),
    "nonsense date": raw("From: a@example.com", "Subject: x", "Date: yesterday, or so"),
    "date out of range": raw("From: a@example.com", "Subject: x",
                             "Date: Mon, 99 Jan 99999 99:99:99 +9999"),
    "long ago": raw("From: a@example.com", "Subject: x", "Date: Tue, 01 Jan 1901 00:00:00 +0000"),
    "zone of a day": raw("From: a@example.com", "Subject: x",
                         "Date: Mon, 05 Jan 2026 10:30:00 +9900"),
    "eight bits in headers": raw("From: Kåre <a@example.com>", "Subject: Tak på hytta"),
    "broken encoded word": raw("From: a@example.com", "Subject: =?utf-8?B?////?= =?x?Q?=?"),
    "unknown charset in header": raw("From: a@example.com", "Subject: =?klingon?B?aGVp?="),
    "unknown charset": headed("text/plain; charset=klingon", "på".encode()),
    "wrong charset": headed("text/plain; charset=utf-8", "på".encode("latin-1")),
    "charset with a zero": headed("text/plain; charset=\x00", b"Hello"),
    "codec that is no charset": headed("text/plain; charset=hex", b"Hello"),
    "unknown encoding": headed("text/plain", b"Hello", "Content-Transfer-Encoding: rot13"),
    "broken base64": headed("text/plain", b"!!!###", "Content-Transfer-Encoding: base64"),
    "uuencoded rubbish": headed(
        "text/plain", b"begin 666 x\n\xff", "Content-Transfer-Encoding: uu"
    ),
    "multipart without boundary": headed("multipart/mixed", b"--b\r\n\r\nHello"),
    "multipart without end": headed('multipart/mixed; boundary="b"', b"--b\r\n\r\nHello"),
    "nonsense type": headed("/;;;=;=", b"Hello"),
    "mail in a mail without one": headed("message/rfc822", b""),
    "partial mail": headed("message/partial; id=x; number=1", b"Hello"),
    "delivery report": headed("message/delivery-status", b"Status: 5.1.1\r\n\r\nAction: failed"),
    "addresses of nonsense": raw(
        "From: <<<>>>,,;:@@", "To: undisclosed-recipients:;", "Subject: x"
    ),
    "a thousand addresses": raw("From: a@example.com", "Subject: x",
                                "To: " + ", ".join(f"u{n}@example.com" for n in range(1000))),
    "long subject": raw("From: a@example.com", "Subject: " + "x" * 100_000),
    "folded subject": raw("From: a@example.com", "Subject: one", "\ttwo", " three"),
    "injected header": usual(Subject="x").as_bytes().replace(b"Subject: x", b"Subject: a\rBcc: b"),
    "hostile html": headed("text/html", b"<div>" * 150_000 + b"Hello"),
    "unclosed html": headed("text/html", b"<p>Hello <a href='" + b"x" * 5000),
    "long text": headed("text/plain", b"word " * 60_000),
    "unseen characters": headed("text/plain; charset=utf-8", "a\u202eb\u200bc\x00d".encode()),
    "lone surrogates": headed("text/plain; charset=utf-16", b"\xff\xfe\x00\xd8a\x00"),
    "two of every header": raw("From: a@example.com", "From: b@example.com", "Subject: 1",
                               "Subject: 2", "Date: x", "Date: y"),
}  # fmt: skip
REFUSED = {
    "empty", "not a mail", "a letter", "one header", "zeros", "outlook", "deep", "bottomless",
    "broad",
}  # fmt: skip
