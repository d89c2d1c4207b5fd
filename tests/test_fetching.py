"""A document is fetched from a site on this machine, with every failure that a site can give."""

from __future__ import annotations

import gzip
import socket
import ssl
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ingest.errors import FetchError
from ingest.fetching import Client, Download, Fetcher, Known, Pace
from ingest.fetching.addresses import Resolve, is_public
from ingest.fetching.client import target_of as target
from ingest.settings import FetchSettings
from tests.serving import Page, Site, dripping, html, moved, page, serve, silent

QUICK = FetchSettings(connect_timeout_s=5, read_timeout_s=5, total_timeout_s=20, interval_s=0, max_bytes=100_000, max_wait_s=60)
HURRIED = QUICK.model_copy(update={"read_timeout_s": 0.2, "total_timeout_s": 0.4})
HOSTS = {"molde.test": "127.0.0.1", "aure.test": "127.0.0.1", "intern.test": "10.0.0.1", "lokal.test": "127.0.0.2"}


@pytest.fixture
def site() -> Iterator[Site]:
    """Return a running site without pages."""
    with serve({}) as running:
        yield running


class Time:
    """A clock that only moves when someone sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds

    def pace(self, settings: FetchSettings) -> Pace:
        return Pace(settings.interval_s, settings.max_wait_s, clock=lambda: self.now, sleep=self.sleep)


def resolve(host: str, port: int, timeout_s: float) -> list[str]:
    if host not in HOSTS and not host[0].isdigit() and ":" not in host:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return [HOSTS.get(host, host)]


def allow(address: str) -> bool:
    """Take the test's own site for one out in the world, and nothing else on this machine."""
    return address == "127.0.0.1" or is_public(address)


def fetcher(settings: FetchSettings = QUICK, lookup: Resolve = resolve, time: Time | None = None) -> Fetcher:
    clock = time or Time()
    return Fetcher(settings, Client(settings, resolve=lookup, allow=allow), clock.pace(settings))


def fetched(site: Site, answer: Page, settings: FetchSettings = QUICK, host: str = "molde.test") -> Download:
    site.pages["/a"] = answer
    download = fetcher(settings).fetch(site.url("/a", host))
    assert download is not None
    return download


def failed(site: Site, answer: Page, settings: FetchSettings = QUICK) -> FetchError:
    site.pages["/a"] = answer
    with pytest.raises(FetchError) as caught:
        fetcher(settings).fetch(site.url("/a", "molde.test"))
    for language in ("nb", "nn", "en"):
        assert caught.value.say(language)
    return caught.value


# What a site gives


def test_a_document_is_fetched_as_it_is(site: Site) -> None:
    download = fetched(site, html("Møte", ETag='"7"', Last_Modified="Mon, 02 Mar 2026 10:00:00 GMT"))
    assert "<p>Møte</p>" in download.content.decode()
    assert (download.suffix, download.etag, download.last_modified) == (".html", '"7"', "Mon, 02 Mar 2026 10:00:00 GMT")
    assert (download.final_url, download.content_type) == (site.url("/a", "molde.test"), "text/html; charset=utf-8")


def test_the_site_is_told_who_asks_and_nothing_more(site: Site) -> None:
    fetched(site, html("x"), QUICK.model_copy(update={"contact": "post@molde.no"}))
    asked = site.headers[-1]
    assert asked["user-agent"] == "Faktasvar (post@molde.no)"
    assert asked["host"] == f"molde.test:{site.port}"
    assert set(asked) == {"host", "user-agent", "accept", "accept-encoding", "connection"}


def test_a_packed_document_is_unpacked(site: Site) -> None:
    body = gzip.compress("<html>Møte ".encode()) + gzip.compress(b"slutt</html>")
    assert fetched(site, page(body, Content_Type="text/html", Content_Encoding="gzip")).content.decode() == (
        "<html>Møte slutt</html>"
    )


def test_a_document_in_chunks_is_put_together(site: Site) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert fetched(site, lambda request: request.raw(head + b"3\r\nVed\r\n3\r\ntak\r\n0\r\n\r\n")).content == b"Vedtak"


@pytest.mark.parametrize("charset", ["klingon", "utf-8", ""])
def test_a_text_in_another_encoding_than_it_says_is_kept_as_it_came(charset: str, site: Site) -> None:
    body = "Møtebok".encode("latin-1")
    assert fetched(site, page(body, Content_Type=f"text/plain; charset={charset}")).content == body


def test_a_cookie_is_not_kept(site: Site) -> None:
    site.pages |= {"/a": moved("/b"), "/b": html("x")}
    site.pages["/a"] = page(b"", 302, Location="/b", Set_Cookie="id=7; Path=/")
    fetcher().fetch(site.url("/a", "molde.test"))
    assert all("cookie" not in headers for headers in site.headers)


def test_nothing_is_taken_from_the_environment(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / ".netrc").write_text("machine molde.test login a password b\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    fetched(site, html("x"))
    assert "authorization" not in site.headers[-1]


# What has not changed


def test_what_has_not_changed_is_not_sent_again(site: Site) -> None:
    site.pages["/a"] = page(b"", 304)
    known = Known(site.url("/a", "molde.test"), '"7"', "Mon, 02 Mar 2026 10:00:00 GMT")
    assert fetcher().fetch(site.url("/a", "molde.test"), known) is None
    assert site.headers[-1]["if-none-match"] == '"7"'
    assert site.headers[-1]["if-modified-since"] == "Mon, 02 Mar 2026 10:00:00 GMT"


def test_another_address_is_not_asked_about_this_edition(site: Site) -> None:
    site.pages |= {"/a": moved("/b"), "/b": html("x")}
    known = Known(site.url("/gammel", "molde.test"), '"7"', "")
    assert fetcher().fetch(site.url("/a", "molde.test"), known) is not None
    assert all("if-none-match" not in headers for headers in site.headers)


def test_a_redirected_address_is_asked_about_the_edition_it_gave(site: Site) -> None:
    site.pages |= {"/a": moved("/b"), "/b": page(b"", 304)}
    assert fetcher().fetch(site.url("/a", "molde.test"), Known(site.url("/b", "molde.test"), '"7"', "")) is None
    assert ["if-none-match" in headers for headers in site.headers[-2:]] == [False, True]


def test_not_modified_without_having_asked_is_a_failure(site: Site) -> None:
    assert failed(site, page(b"", 304)).key == "fetch_status"


# What goes wrong


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410, 418, 500, 502])
def test_an_error_code_is_said(status: int, site: Site) -> None:
    error = failed(site, page(b"<html>Beklager</html>", status))
    assert (error.key, error.values["status"]) == ("fetch_status", status)
    assert site.documents() == ["/a"]


def test_a_site_that_does_not_exist(site: Site) -> None:
    with pytest.raises(FetchError) as caught:
        fetcher().fetch("http://finnes-ikke.test/")
    # The site's rules are asked for first.
    assert caught.value.say("nb") == (
        "Får ikke vite hva nettstedet tillater (http://finnes-ikke.test/robots.txt svarer ikke). Prøv igjen senere."
    )


def test_a_name_that_has_no_address_is_said_to_have_none() -> None:
    with pytest.raises(FetchError, match=r"There is no site finnes-ikke\.test\."):
        Client(QUICK, resolve=resolve, allow=allow).get(target("http://finnes-ikke.test/"), {}, 100)
    with pytest.raises(FetchError, match=r"There is no site molde\.test\."):
        Client(QUICK, resolve=lambda *asked: [], allow=allow).get(target("http://molde.test/"), {}, 100)


def test_a_look_up_that_takes_too_long() -> None:
    def slow(host: str, port: int, timeout_s: float) -> list[str]:
        assert timeout_s <= QUICK.connect_timeout_s
        raise TimeoutError

    with pytest.raises(FetchError, match=r"molde\.test did not answer in time"):
        Client(QUICK, resolve=slow, allow=allow).get(target("http://molde.test/"), {}, 100)


def test_a_port_where_no_one_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(FetchError) as caught:
        Client(QUICK, resolve=resolve, allow=allow).get(target(f"http://molde.test:{port}/"), {}, 100)
    assert caught.value.key == "fetch_refused"


def test_the_next_address_of_a_site_is_tried(site: Site) -> None:
    site.pages["/a"] = html("x")
    client = Client(QUICK, resolve=lambda *asked: ["::1", "127.0.0.1"], allow=lambda address: True)
    assert client.get(target(site.url("/a", "molde.test")), {}, 10_000).status == 200


@pytest.mark.parametrize(
    "answer",
    [
        silent(),
        silent(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"),
        silent(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nVed"),
        dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\nX-A: ", b"b"),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 90000\r\n\r\n", b"V"),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"V"),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nV\r\n"),
    ],
    ids=[
        "silent",
        "headers stop",
        "body stops",
        "endless headers",
        "endless line",
        "slow body",
        "slow to the end",
        "slow chunks",
    ],
)
def test_a_site_that_takes_too_long_is_given_up(answer: Page, site: Site) -> None:
    assert failed(site, answer, HURRIED).key == "fetch_timeout"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nVedtak",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nVed",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nVed\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Length: 7\r\n\r\nVedtak",
        b"HTTP/1.1 200 OK\r\nContent-Length: seks\r\n\r\nVedtak",
        b"HTTP/1.1 200",
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
)
def test_an_answer_that_is_not_whole_is_refused(answer: bytes, site: Site) -> None:
    assert failed(site, lambda request: request.raw(answer)).key == "fetch_cut"


@pytest.mark.parametrize("body", [gzip.compress(b"Vedtak" * 99)[:-12], b"no gzip", gzip.compress(b"Vedtak")[:5]])
def test_a_packed_document_that_is_not_whole_is_refused(body: bytes, site: Site) -> None:
    assert failed(site, page(body, Content_Type="text/plain", Content_Encoding="gzip")).key == "fetch_cut"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "deflate", "klingon"])
def test_what_is_packed_in_another_way_is_refused(encoding: str, site: Site) -> None:
    error = failed(site, page(zlib.compress(b"Vedtak"), Content_Type="text/plain", Content_Encoding=encoding))
    assert (error.key, error.values["encoding"]) == ("fetch_encoding", encoding)


def test_what_says_that_it_is_too_large_is_not_even_begun(site: Site) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100001\r\n\r\n"
    assert failed(site, silent(head)).key == "fetch_too_large"


def test_an_endless_document_is_given_up_when_it_is_too_large(site: Site) -> None:
    endless = dripping(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"V" * 50_000, every_s=0)
    assert failed(site, endless).key == "fetch_too_large"


def test_a_small_document_that_unpacks_to_a_huge_one_is_given_up(site: Site) -> None:
    bomb = gzip.compress(b"\0" * 60_000_000)
    assert len(bomb) < QUICK.max_bytes
    assert failed(site, page(bomb, Content_Type="text/plain", Content_Encoding="gzip")).key == "fetch_too_large"


def test_an_endless_stream_that_unpacks_to_nothing_is_given_up(site: Site) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n\r\n"
    assert failed(site, dripping(head, gzip.compress(b"") * 2000, every_s=0)).key == "fetch_too_large"


def test_a_document_of_just_the_allowed_size_is_let_in(site: Site) -> None:
    body = b"V" * QUICK.max_bytes
    assert fetched(site, page(body, Content_Type="text/plain")).content == body


def test_what_is_no_document_is_refused(site: Site) -> None:
    assert failed(site, page(b"\x89PNG\r\n\x1a\n\0\0", Content_Type="image/png")).key == "fetch_type"
    assert failed(site, page(b"", Content_Type="text/html")).key == "fetch_empty"


def test_a_page_in_the_place_of_a_pdf_is_refused(site: Site) -> None:
    site.pages |= {"/sak.pdf": moved("/innlogging"), "/innlogging": html("Logg inn")}
    with pytest.raises(FetchError) as caught:
        fetcher().fetch(site.url("/sak.pdf", "molde.test"))
    assert caught.value.key == "fetch_other_type"


# Where a site sends us


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(status: int, site: Site) -> None:
    site.pages |= {"/a": moved("b?c=d#e", status), "/b?c=d": html("x")}
    download = fetcher().fetch(site.url("/a#del", "molde.test"))
    assert download is not None
    assert download.final_url == site.url("/b?c=d", "molde.test")


def test_a_loop_of_redirects_is_left(site: Site) -> None:
    site.pages |= {"/a": moved("/b"), "/b": moved("/a")}
    error = failed(site, moved("/b"))
    assert error.key == "fetch_redirects"
    assert len(site.documents()) == QUICK.max_redirects + 1


def test_as_many_redirects_as_are_allowed_are_followed(site: Site) -> None:
    site.pages |= {f"/{number}": moved(f"/{number + 1}") for number in range(QUICK.max_redirects)}
    site.pages[f"/{QUICK.max_redirects}"] = html("x")
    assert fetcher().fetch(site.url("/0", "molde.test")) is not None


@pytest.mark.parametrize(
    ("location", "key"),
    [
        ("http://intern.test/", "fetch_robots_unknown"),
        ("http://10.0.0.1/", "fetch_robots_unknown"),
        ("http://169.254.169.254/latest/meta-data/", "fetch_robots_unknown"),
        ("http://127.0.0.2/", "fetch_robots_unknown"),
        ("http://[::1]/", "fetch_robots_unknown"),
        ("http://[::ffff:10.0.0.1]/", "fetch_robots_unknown"),
        ("file:///etc/passwd", "fetch_bad_url"),
        ("ftp://molde.test/a", "fetch_bad_url"),
        ("gopher://molde.test/a", "fetch_bad_url"),
        ("javascript:alert(1)", "fetch_bad_url"),
        ("data:text/plain,x", "fetch_bad_url"),
        ("http://molde.test:99999/", "fetch_bad_url"),
        ("http://bruker:passord@molde.test/", "fetch_password"),
        ("", "fetch_status"),
    ],
)
def test_a_redirect_to_what_may_not_be_asked_is_refused(location: str, key: str, site: Site) -> None:
    assert failed(site, moved(location)).key == key
    assert site.documents() == ["/a"]


@pytest.mark.parametrize(
    "url", ["http://intern.test/", "http://127.0.0.2/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://lokal.test:1/"]
)
def test_an_address_in_the_own_network_is_named_and_never_connected_to(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        Client(QUICK, resolve=resolve, allow=allow).get(target(url), {}, 100)
    assert caught.value.key == "fetch_private"
    assert "fetch.allow_private = true" in caught.value.say("nb")


def test_loopback_is_refused_by_default_and_never_reached(site: Site) -> None:
    site.pages["/a"] = html("x")
    with pytest.raises(FetchError, match=r"127\.0\.0\.1, which is an address on a private network"):
        Client(QUICK).get(target(site.url("/a")), {}, 10_000)
    assert site.asked == []


def test_private_addresses_are_reached_where_that_is_chosen(site: Site) -> None:
    site.pages["/a"] = html("x")
    chosen = QUICK.model_copy(update={"allow_private": True})
    assert Fetcher(chosen, Client(chosen), Time().pace(chosen)).fetch(site.url("/a")) is not None
    with pytest.raises(FetchError) as caught:
        Client(chosen).get(target("http://169.254.169.254/"), {}, 100)
    assert caught.value.key == "fetch_private"


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    mixed = Client(QUICK, resolve=lambda *asked: ["127.0.0.1", "10.0.0.1"], allow=allow)
    with pytest.raises(FetchError) as caught:
        mixed.get(target("http://molde.test/"), {}, 100)
    assert caught.value.values["address"] == "10.0.0.1"


def test_a_name_is_looked_up_once_and_what_was_judged_is_connected_to(site: Site) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    asked: list[str] = []

    def rebinding(host: str, port: int, timeout_s: float) -> list[str]:
        asked.append(host)
        return next(answers)

    site.pages["/a"] = html("x")
    client = Client(QUICK, resolve=rebinding, allow=allow)
    assert client.get(target(site.url("/a", "molde.test")), {}, 10_000).status == 200
    assert asked == ["molde.test"]
    with pytest.raises(FetchError, match=r"10\.0\.0\.1"):
        client.get(target(site.url("/a", "molde.test")), {}, 10_000)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "molde.no",
        "/a",
        "file:///etc/passwd",
        "http:///a",
        "http://[::1",
        "http://a.no:0/",
        "http://a.no:x/",
        "ftp://molde.no/a",
        "http://\0/",
    ],
)
def test_what_is_no_web_address_is_said_to_be_none(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetcher().fetch(url)
    assert caught.value.key == "fetch_bad_url"


# Robots and pace


def test_the_rules_of_a_site_are_asked_for_first_and_once(site: Site) -> None:
    site.pages |= {"/robots.txt": page("User-agent: *\nAllow: /\n"), "/a": html("x"), "/b": html("y")}
    one = fetcher()
    one.fetch(site.url("/a", "molde.test"))
    one.fetch(site.url("/b", "molde.test"))
    assert site.asked == ["/robots.txt", "/a", "/b"]


@pytest.mark.parametrize(
    "rules",
    [
        "User-agent: *\nDisallow: /\n",
        "User-agent: *\nAllow: /\n\nUser-agent: Faktasvar\nDisallow: /a\n",
        "User-agent: faktasvar\nDisallow: /*a$\nAllow: /\n",
        "\ufeffUser-agent: *\r\nDisallow: /a # ikke denne\r\n",
    ],
)
def test_what_a_site_does_not_want_fetched_is_not(rules: str, site: Site) -> None:
    site.pages["/robots.txt"] = page(rules)
    error = failed(site, html("x"))
    assert error.key == "fetch_robots"
    assert site.asked == ["/robots.txt"]


@pytest.mark.parametrize("rules", ["", "<html>borte</html>", "User-agent: Googlebot\nDisallow: /\n", "Disallow: /\n"])
def test_rules_that_say_nothing_of_us_let_us_in(rules: str, site: Site) -> None:
    site.pages["/robots.txt"] = page(rules)
    fetched(site, html("x"))


def test_the_longest_rule_wins(site: Site) -> None:
    site.pages["/robots.txt"] = page("User-agent: *\nDisallow: /\nAllow: /a\n")
    fetched(site, html("x"))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_site_without_rules_lets_us_in(status: int, site: Site) -> None:
    site.pages["/robots.txt"] = page("User-agent: *\nDisallow: /\n", status)
    fetched(site, html("x"))


@pytest.mark.parametrize("answer", [page("", 500), page("", 503), page("", 204), lambda request: request.raw(b"")])
def test_a_site_that_cannot_say_its_rules_is_left_alone_for_now(answer: Page, site: Site) -> None:
    site.pages["/robots.txt"] = answer
    assert failed(site, html("x")).key == "fetch_robots_unknown"
    assert site.documents() == []


def test_rules_may_be_somewhere_else(site: Site) -> None:
    site.pages |= {"/robots.txt": moved("/regler"), "/regler": page("User-agent: *\nDisallow: /\n")}
    assert failed(site, html("x")).key == "fetch_robots"


def test_endless_rules_are_read_to_a_limit(site: Site) -> None:
    rules = b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nDisallow: /a\n"
    site.pages["/robots.txt"] = dripping(rules, b"# mer\n" * 10_000, every_s=0)
    assert failed(site, html("x")).key == "fetch_robots"


def test_each_site_that_we_are_sent_to_has_its_own_rules(site: Site) -> None:
    site.pages |= {"/a": moved(site.url("/b", "aure.test")), "/b": html("x")}
    fetcher().fetch(site.url("/a", "molde.test"))
    assert site.asked == ["/robots.txt", "/a", "/robots.txt", "/b"]


def test_a_host_is_not_asked_more_often_than_is_polite(site: Site) -> None:
    site.pages |= {"/a": moved(site.url("/b", "aure.test")), "/b": html("x")}
    time = Time()
    polite = QUICK.model_copy(update={"interval_s": 1.0})
    fetcher(polite, time=time).fetch(site.url("/a", "molde.test"))
    # molde's rules, molde's page, aure's rules, aure's page.
    assert time.slept == [1.0, 1.0]


@pytest.mark.parametrize(("wished", "slept"), [("7", 7.0), ("3600", 60.0)])
def test_a_site_may_ask_for_more_time_between_requests(wished: str, slept: float, site: Site) -> None:
    site.pages |= {"/robots.txt": page(f"User-agent: *\nCrawl-delay: {wished}\n"), "/a": html("x")}
    time = Time()
    fetcher(QUICK.model_copy(update={"interval_s": 1.0}), time=time).fetch(site.url("/a", "molde.test"))
    assert time.slept == [slept]


def after(*answers: Page) -> Page:
    """Return a page that answers each time with the next."""
    left = iter(answers)
    return lambda request: next(left)(request)


@pytest.mark.parametrize("status", [429, 503])
def test_a_site_that_asks_for_patience_is_asked_once_more(status: int, site: Site) -> None:
    site.pages["/a"] = after(page("", status, Retry_After="17"), html("x"))
    time = Time()
    assert fetcher(time=time).fetch(site.url("/a", "molde.test")) is not None
    assert time.slept == [17.0]


def test_a_site_may_say_until_when(site: Site) -> None:
    site.pages["/a"] = after(page("", 503, Retry_After="Mon, 02 Mar 2026 10:00:30 GMT"), html("x"))
    time = Time()
    client = Client(QUICK, resolve=resolve, allow=allow)
    now = datetime(2026, 3, 2, 10, 0, 0, tzinfo=UTC)
    assert Fetcher(QUICK, client, time.pace(QUICK), lambda: now).fetch(site.url("/a", "molde.test")) is not None
    assert time.slept == [30.0]


def test_a_site_that_says_no_time_gets_a_little(site: Site) -> None:
    site.pages["/a"] = after(page("", 429, Retry_After="snart"), html("x"))
    time = Time()
    assert fetcher(time=time).fetch(site.url("/a", "molde.test")) is not None
    assert time.slept == [5.0]


def test_a_site_that_asks_for_too_much_patience_is_left(site: Site) -> None:
    error = failed(site, page("", 429, Retry_After="3600"))
    assert error.say("nb") == "molde.test ber oss vente i 3600 sekunder (feilkode 429). Prøv igjen senere."
    assert site.documents() == ["/a"]


def test_a_site_that_goes_on_asking_is_left(site: Site) -> None:
    assert failed(site, page("", 503, Retry_After="1")).values["status"] == 503
    assert site.documents() == ["/a", "/a"]


# Certificates and proxies


def certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, Path]:
    """Return what a site shows that signs for itself, and the file that would have it trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "site.pem", folder / "site.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public


def test_a_certificate_that_no_one_vouches_for_is_refused(tmp_path: Path) -> None:
    shown, _ = certificate(tmp_path, "molde.test")
    with serve({"/a": html("x")}, shown) as site, pytest.raises(FetchError) as caught:
        Client(QUICK, resolve=resolve, allow=allow).get(target(site.url("/a", "molde.test", "https")), {}, 10_000)
    assert caught.value.key == "fetch_tls"
    assert "fetch.ca_file" in caught.value.say("nb")


def test_a_certificate_that_the_settings_trust_is_good_for_its_own_site_only(tmp_path: Path) -> None:
    shown, public = certificate(tmp_path, "molde.test")
    trusting = QUICK.model_copy(update={"ca_file": str(public)})
    client = Client(trusting, resolve=resolve, allow=allow)
    with serve({"/a": html("x")}, shown) as site:
        assert client.get(target(site.url("/a", "molde.test", "https")), {}, 10_000).status == 200
        with pytest.raises(FetchError) as caught:
            client.get(target(site.url("/a", "aure.test", "https")), {}, 10_000)
    assert caught.value.key == "fetch_tls"


def test_a_redirect_from_https_to_http_is_refused(tmp_path: Path) -> None:
    shown, public = certificate(tmp_path, "molde.test")
    trusting = QUICK.model_copy(update={"ca_file": str(public)})
    with serve({"/a": moved("http://molde.test/b")}, shown) as site, pytest.raises(FetchError) as caught:
        fetcher(trusting).fetch(site.url("/a", "molde.test", "https"))
    assert caught.value.key == "fetch_downgrade"


def test_a_site_that_speaks_no_tls_is_said_so(site: Site) -> None:
    with pytest.raises(FetchError) as caught:
        Client(QUICK, resolve=resolve, allow=allow).get(target(site.url("/a", "molde.test", "https")), {}, 10_000)
    assert caught.value.key == "fetch_tls"


@pytest.mark.parametrize("content", [None, "ingen sertifikater"])
def test_certificates_that_cannot_be_read_are_named(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "egne.pem"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(FetchError, match=r"egne\.pem: .+ Correct fetch\.ca_file\."):
        Client(QUICK.model_copy(update={"ca_file": str(path)}))


def test_a_proxy_is_asked_instead(site: Site) -> None:
    """The proxy looks the name up, so the name needs no address here; and the proxy itself may be a private one."""
    wanted = "http://finnes-ikke.test/a"
    site.pages |= {wanted: html("x"), "http://finnes-ikke.test/robots.txt": page("", 404)}
    behind = QUICK.model_copy(update={"proxy": site.url("", "lokal-proxy.test").replace("http://", "http://bruker:hemmelig@")})

    def only_the_proxy(host: str, port: int, timeout_s: float) -> list[str]:
        assert host == "lokal-proxy.test"
        return ["127.0.0.1"]

    client = Client(behind, resolve=only_the_proxy, allow=is_public)
    download = Fetcher(behind, client, Time().pace(behind)).fetch(wanted)
    assert download is not None
    assert site.headers[-1]["proxy-authorization"].startswith("Basic ")


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://[::1]/"])
def test_a_private_number_is_not_asked_through_a_proxy_either(url: str, site: Site) -> None:
    behind = QUICK.model_copy(update={"proxy": site.url("")})
    with pytest.raises(FetchError) as caught:
        Client(behind).get(target(url), {}, 100)
    assert caught.value.key == "fetch_private"
    assert site.asked == []


def test_a_proxy_that_refuses_is_said_so(site: Site) -> None:
    behind = QUICK.model_copy(update={"proxy": site.url("")})
    with pytest.raises(FetchError) as caught:
        Client(behind, allow=is_public).get(target("https://molde.test/"), {}, 100)
    assert caught.value.key == "fetch_proxy"
