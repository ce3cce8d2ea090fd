"""The dashboard in a real browser: nothing is blocked, nothing overflows, everything can be reached without a mouse.

Where no Chromium is installed the tests are skipped with the reason; in CI that is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from bot.health.judge import State, Trouble
from bot.storage.database import Database
from tests.web.scene import dashboard
from tests.web.test_server import PAGES

ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDE, NARROW = {"width": 1200, "height": 900}, {"width": 360, "height": 740}

CONTRAST = """() => {
  const channel = v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 };
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const parse = s => { const n = s.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n };
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c[3] === 1) return c } return [255, 255, 255, 1] };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    if (e.closest('svg') || e.closest('.gone') || !e.checkVisibility()) continue;
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) poor.push(e.className + ': ' + e.textContent.slice(0, 40));
  }
  return poor;
}"""
"""Texts whose contrast is below WCAG AA's 4.5."""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have Chromium: .ci/run installs it")
        pytest.skip("no Chromium is installed, so the dashboard is not looked at")
    async with async_playwright() as driver:
        started = await driver.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield started
        await started.close()


async def opened(browser: Browser, said: list[str], **options: Any) -> Page:
    """A page without JavaScript of its own that notes what the browser complains of."""
    page = await (await browser.new_context(**options)).new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("requestfailed", lambda request: said.append(f"failed: {request.url}"))
    page.on(
        "request",
        lambda request: (
            said.append(f"elsewhere: {request.url}")
            if "127.0.0.1" not in request.url and not request.url.startswith("data:")
            else None
        ),
    )
    return page


@pytest.mark.parametrize(
    ("language", "scheme", "size"), [("fr", "light", WIDE), ("ar", "dark", NARROW), ("en", "dark", WIDE)]
)
async def test_every_page_is_drawn_readable_and_fits(
    browser: Browser, sqlite: Database, tmp_path: Path, language: str, scheme: str, size: dict[str, int]
) -> None:
    said: list[str] = []
    async with dashboard(sqlite, tmp_path, language=language) as (server, health):
        health.be(
            State.FAILING,
            Trouble("polling-stuck", State.FAILING, {"seconds": "700"}),
            Trouble("disk", State.OK, {"megabytes": "90"}),
        )
        page = await opened(browser, said, color_scheme=scheme, viewport=size)
        for path in PAGES:
            await page.goto(f"http://127.0.0.1:{server.port}{path}")
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            assert await page.evaluate("document.styleSheets.length") == 1
            assert await page.evaluate(CONTRAST) == [], path
            assert await page.locator("h1").count() == 1
            assert await page.locator("nav [aria-current=page]").count() == 1
            assert await page.evaluate("getComputedStyle(document.documentElement).direction") == (
                "rtl" if language == "ar" else "ltr"
            )
    assert said == []


async def test_pages_work_without_javascript_and_by_keyboard(
    browser: Browser, sqlite: Database, tmp_path: Path
) -> None:
    said: list[str] = []
    async with dashboard(sqlite, tmp_path, language="en") as (server, _):
        page = await opened(browser, said, java_script_enabled=False)
        await page.goto(f"http://127.0.0.1:{server.port}/")
        await page.keyboard.press("Tab")
        assert await page.locator(".skip:focus").count() == 1
        await page.get_by_role("navigation").get_by_role("link", name="Mentions").click()
        await page.get_by_role("link", name="Last 14 days").click()
        assert page.url.endswith("/mentions?days=14")
        assert await page.get_by_role("img", name="Karim Lazregui: articles per day").count() == 1
        await page.get_by_role("navigation").get_by_role("link", name="Feeds").click()
        assert await page.get_by_role("columnheader").count() == 6
        assert await page.get_by_role("rowheader").first.inner_text() == "Écho du Delta\ndelta"
    assert said == []


async def test_a_hostile_headline_stays_text(browser: Browser, sqlite: Database, tmp_path: Path) -> None:
    said: list[str] = []
    async with dashboard(sqlite, tmp_path, language="en") as (server, _):
        page = await opened(browser, said)
        await page.goto(f"http://127.0.0.1:{server.port}/alerts")
        assert await page.get_by_text('<script>alert("x")</script>').count() == 1
        assert await page.locator("script").count() == 0
        assert {
            link.split(":")[0] for link in await page.eval_on_selector_all("main a", "all => all.map(a => a.href)")
        } <= {"http", "https"}
    assert said == []
