"""The page as people meet it: a real browser, the real index, mouse or keyboard, wide or narrow."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from bot.settings import BotSettings

QUESTION = "Når må kommunen signere tjenesteavtalen?"
NOT_IN_SOURCES = "Hva koster en bussbillett i Bergen?"
WIDE, NARROW = (1280, 900), (360, 740)
BOX = "#fs-box textarea"
ANSWERS = "#fs-chat .fs-answer"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SLOW = "Sakte"
SERVER = f"""
import sys, time
from bot.service import Assistant
from bot.settings import BotSettings
from bot.web import server

class SlowAssistant(Assistant):
    def stream(self, question, *rest):
        time.sleep(20 if question.startswith({SLOW!r}) else 0)
        yield from super().stream(question, *rest)

server.Assistant = SlowAssistant
server.serve(BotSettings.model_validate_json(sys.stdin.read()), lambda line: print(line, flush=True))
"""
"""The real server and the real assistant, which takes its time with one word, so that there is something to stop."""

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium found; install it: apt-get install chromium")
        pytest.skip("no Chromium found, so the page can't be tried in a browser; install it: apt-get install chromium")
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS) as one:
        yield one


@pytest.fixture(scope="module")
def address(settings: BotSettings, browser: Browser) -> Iterator[str]:
    """Serve the page from a process of its own, as people do."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    web = settings.web.model_copy(update={"port": port})
    folders = {"corpus": settings.corpus.absolute(), "data": settings.data.absolute()}
    served = settings.model_copy(update={"web": web, **folders})
    root = Path(__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin and process.stdout
        process.stdin.write(served.model_dump_json())
        process.stdin.close()
        ready = process.stdout.readline()
        assert ready.strip() == f"Faktasvar er klar på http://127.0.0.1:{port}"
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[OpenPage]:
    """Open pages; afterwards nothing may have been refused, gone wrong or been asked of another machine."""
    asked: list[str] = []
    complaints: list[str] = []
    contexts = []

    def requested(request: Request) -> None:
        asked.append(request.url)

    def opened(size: tuple[int, int] = WIDE, scheme: str = "light") -> Page:
        # English on purpose: the page's language must not depend on the browser's.
        options = {"locale": "en-US", "color_scheme": scheme, "reduced_motion": "reduce"}
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)  # type: ignore[arg-type]  # Literals.
        contexts.append(context)
        page = context.new_page()
        page.on("request", requested)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        page.locator(BOX).wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert {urlsplit(url).hostname for url in asked if not url.startswith(("data:", "blob:"))} <= {"127.0.0.1"}
    assert complaints == []


def ask(page: Page, question: str = QUESTION) -> None:
    """Ask, and wait until the answer is whole: the source panel is filled last."""
    number = page.locator("#fs-chat .fs-asked").count() + 1
    page.fill(BOX, question)
    page.press(BOX, "Enter")
    page.locator(f"#kilde-{number}-1").wait_for(state="attached")


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": WCAG}).response["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


def test_the_page_says_what_it_is_before_anything_is_typed(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator("h1")).to_have_text("Faktasvar")
    expect(page.locator(".fs-notice")).to_contain_text("Du snakker med en datamaskin")
    expect(page.locator(".fs-notice")).to_contain_text("Ikke skriv inn personopplysninger")
    expect(page.locator(".fs-searched summary")).to_contain_text("dokument")
    expect(page.get_by_label("Spørsmålet ditt")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "nb"
    above = page.locator(".fs-notice").bounding_box(), page.locator(BOX).bounding_box()
    assert above[0] and above[1] and above[0]["y"] < above[1]["y"]


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_question_is_answered_with_a_quote_that_opens_in_its_source(open_page: OpenPage, size: tuple[int, int]) -> None:
    page = open_page(size)
    ask(page)
    expect(page.locator(ANSWERS)).to_contain_text("13 måneder")
    expect(page.locator(ANSWERS)).to_contain_text("Utdrag fra kildene, ikke skrevet av KI")
    first = page.locator("#fs-panel details.fs-source").first
    assert first.get_attribute("open") is not None
    expect(first).to_contain_text("Per 4. mars 2022")
    quote = page.locator(f"{ANSWERS} .fs-quote", has_text="13 måneder").first
    quote.locator("a.fs-mark").click()
    card = page.locator("details.fs-source[open]", has=page.locator("mark", has_text="13 måneder")).first
    expect(card.locator("mark", has_text="13 måneder")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_sources_are_beside_the_conversation_or_below_it(open_page: OpenPage) -> None:
    for size, beside in ((WIDE, True), (NARROW, False)):
        page = open_page(size)
        left, right = (page.locator(name).bounding_box() for name in ("#fs-left", "#fs-right"))
        assert left and right
        assert (right["x"] >= left["x"] + left["width"]) is beside
        assert (right["y"] >= left["y"] + left["height"]) is not beside


def test_sources_that_need_more_room_than_the_window_scroll_inside_their_panel(open_page: OpenPage) -> None:
    page = open_page((1280, 400))
    ask(page, NOT_IN_SOURCES)
    for card in page.locator("details.fs-source").all():
        box = card.bounding_box()
        assert box and box["x"] + box["width"] <= 1280
    page.locator("details.fs-source summary").last.click()
    page.locator("details.fs-source mark").last.scroll_into_view_if_needed()
    expect(page.locator("details.fs-source mark").last).to_be_in_viewport()


def test_everything_to_tap_on_a_phone_is_large_enough(open_page: OpenPage) -> None:
    page = open_page(NARROW)
    ask(page)
    for target in page.locator("button:visible, summary:visible, textarea:visible, a.fs-mark:visible").all():
        box = target.bounding_box()
        assert box and min(box["width"], box["height"]) >= 44, target.inner_text()


def test_the_keyboard_is_enough(open_page: OpenPage) -> None:
    page = open_page()

    def tab_to(selector: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
                assert outline == "3px"
                return
        raise AssertionError(f"the keyboard does not reach {selector}")

    tab_to(BOX)
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.locator("#kilde-1-1").wait_for(state="attached")
    tab_to("details.fs-source:nth-of-type(2) > summary")
    page.keyboard.press("Enter")
    expect(page.locator("#kilde-1-2")).to_be_visible()


def test_answers_are_announced_to_screen_readers(open_page: OpenPage) -> None:
    page = open_page()
    ask(page)
    log = page.get_by_role("log", name="Samtale")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log.get_by_role("group", name="Du spurte")).to_contain_text(QUESTION)
    expect(log.get_by_role("group", name="Faktasvar svarte")).to_contain_text("13 måneder")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_axe_finds_nothing(open_page: OpenPage, size: tuple[int, int], scheme: str) -> None:
    page = open_page(size, scheme)
    assert violations(page) == []
    ask(page)
    page.locator("details.fs-source summary").last.click()
    assert violations(page) == []
    ask(page, NOT_IN_SOURCES)
    assert violations(page) == []


def test_an_example_fills_the_box_and_sends_nothing(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name=QUESTION).click()
    expect(page.locator(BOX)).to_have_value(QUESTION)
    expect(page.locator(BOX)).to_be_focused()
    page.wait_for_timeout(500)
    expect(page.locator("#fs-chat .fs-asked")).to_have_count(0)


def test_what_is_not_in_the_sources_is_said_and_the_nearest_is_no_answer(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, NOT_IN_SOURCES)
    expect(page.locator(ANSWERS)).not_to_contain_text("Utdrag fra kildene")
    expect(page.locator("#fs-panel h3")).to_have_text("Dette er det nærmeste jeg finner – det er ikke et svar")


def test_marks_of_an_earlier_answer_still_lead_to_its_own_sources(open_page: OpenPage) -> None:
    page = open_page()
    ask(page)
    quote = page.locator("#kilde-1-1 mark").inner_text()
    ask(page, "Hvem eier Helseplattformen AS?")
    page.locator(f"{ANSWERS} >> nth=0").locator('a[href="#kilde-1-1"]').click()
    expect(page.locator("#kilde-1-1 mark")).to_be_in_viewport()
    expect(page.locator("#kilde-1-1 mark")).to_have_text(quote)


def test_a_new_conversation_is_empty(open_page: OpenPage) -> None:
    page = open_page()
    ask(page)
    page.get_by_role("button", name="Ny samtale").click()
    expect(page.locator("#fs-chat .fs-asked")).to_have_count(0)
    expect(page.locator("#fs-panel")).to_contain_text("når du har stilt et spørsmål")
    ask(page)
    expect(page.locator("#fs-chat .fs-asked")).to_have_count(1)


def test_a_question_can_be_stopped_and_the_next_is_answered(open_page: OpenPage) -> None:
    page = open_page()
    stop = page.get_by_role("button", name="Stopp")
    expect(stop).to_be_disabled()
    page.fill(BOX, f"{SLOW} spørsmål")
    page.press(BOX, "Enter")
    expect(page.locator("#fs-chat .fs-status")).to_have_text("Søker i kildene …")
    stop.click()
    expect(page.locator("#fs-chat .fs-status")).to_have_text("Du stoppet søket.")
    expect(stop).to_be_disabled()
    ask(page)
    expect(page.locator(ANSWERS)).to_contain_text("13 måneder")


def test_markup_in_a_question_stays_text(open_page: OpenPage) -> None:
    page = open_page()
    hostile = '<img src=x onerror="document.title=1"> ![x](http://evil.example/x.png) $$x$$ [a](javascript:alert(1))'
    page.fill(BOX, hostile)
    page.press(BOX, "Enter")
    expect(page.locator("#fs-chat .fs-asked")).to_have_text(hostile)
    page.locator(f"{ANSWERS} >> nth=0").wait_for()
    assert page.locator("#fs-chat .fs-asked *").count() == 0
    assert page.locator(".katex").count() == 0
    assert page.title() == "Faktasvar"


def test_an_empty_question_does_nothing(open_page: OpenPage) -> None:
    page = open_page()
    page.fill(BOX, "   ")
    page.press(BOX, "Enter")
    page.wait_for_timeout(500)
    expect(page.locator("#fs-chat .fs-asked")).to_have_count(0)
