"""Pages go over the wire compressed; what is compressed already does not twice."""

import gzip

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from crm.compression import TextCompressionMiddleware

TAKES_GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def sent(response: HttpResponse | StreamingHttpResponse, **headers: str) -> HttpResponse:
    """Return what the middleware makes of a response."""
    request = RequestFactory().get("/", headers=headers or TAKES_GZIP)
    answer = TextCompressionMiddleware(lambda _: response)(request)
    assert isinstance(answer, type(response))
    return answer  # type: ignore[return-value]


@pytest.mark.django_db
def test_a_page_is_compressed_and_never_twice_the_same_size() -> None:
    """A length that varies by chance tells nothing of what is in the page (BREACH)."""
    answers = [Client().get("/accounts/login/", headers=TAKES_GZIP) for _ in range(20)]

    assert {answer["Content-Encoding"] for answer in answers} == {"gzip"}
    assert b"</html>" in gzip.decompress(answers[0].content)
    assert len({len(answer.content) for answer in answers}) > 1


@pytest.mark.django_db
def test_a_browser_that_takes_no_gzip_gets_plain_text() -> None:
    answer = Client().get("/accounts/login/")

    assert (answer.has_header("Content-Encoding"), b"</html>" in answer.content) == (False, True)


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/csv", "application/json"])
def test_texts_are_compressed(kind: str) -> None:
    answer = sent(HttpResponse("a word " * 100, content_type=kind))

    assert answer["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("kind", ["application/pdf", "image/png", "text/event-stream"])
def test_the_rest_goes_as_it_is(kind: str) -> None:
    answer = sent(HttpResponse("a word " * 100, content_type=kind))

    assert (answer.has_header("Content-Encoding"), answer.content) == (False, b"a word " * 100)


def test_a_stream_stays_a_stream() -> None:
    rows = (f"{number},a word\n" for number in range(1000))
    answer = StreamingHttpResponse(rows, content_type="text/csv")

    sent(answer)

    assert gzip.decompress(b"".join(answer)).startswith(b"0,a word\n1,a word\n")
