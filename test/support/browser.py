"""A real browser for tests of pages: headless Chromium, driven by Selenium."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

TIMEOUT_S = 30.0
"""Longer than anything takes on a busy machine; only a failing test waits for it."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

DESKTOP, PHONE = (1280, 900), (390, 844)

OVERFLOW = """
const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
return wide > 0 ? `the page is ${wide} px too wide` : "";
"""

OVERLAPS = """
const seen = [...document.querySelectorAll(arguments[0])].filter((item) => {
  const box = item.getBoundingClientRect();
  return box.width > 1 && box.height > 1 && item.checkVisibility();
});
const found = [];
seen.forEach((one, index) => {
  const a = one.getBoundingClientRect();
  for (const other of seen.slice(index + 1)) {
    if (one.contains(other) || other.contains(one)) continue;
    const b = other.getBoundingClientRect();
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 1 && high > 1) {
      found.push(`${one.className || one.tagName} covers ${other.className || other.tagName}`);
    }
  }
});
return found;
"""


def missing_browser() -> str:
    """Return why no browser can be started; empty if one can."""
    if not any(map(shutil.which, BROWSERS)):
        return "no chromium: apt-get install chromium"
    if shutil.which("chromedriver") is None:
        return "no chromedriver: apt-get install chromium-driver"
    return ""


@contextmanager
def open_browser(size_wh: tuple[int, int] = DESKTOP) -> Iterator[Chrome]:
    """Start a browser whose window shows a page of that many pixels."""
    options = ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, BROWSERS)))
    for argument in ("headless=new", "disable-gpu", "disable-dev-shm-usage", "hide-scrollbars"):
        options.add_argument(f"--{argument}")
    if sys.platform == "linux" and os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium refuses to start as root with one
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        resize(driver, size_wh)
        yield driver
    finally:
        driver.quit()


def resize(driver: Chrome, size_wh: tuple[int, int]) -> None:
    """Show the page at another size, however narrow, as a phone would."""
    width, height = size_wh
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def wait_for(driver: Chrome, condition: Callable[[Chrome], Any], what: str) -> Any:
    """Wait until a condition holds, and return what it returned."""
    return WebDriverWait(driver, TIMEOUT_S, poll_frequency=0.1).until(
        condition, f"expected {what} within {TIMEOUT_S:.0f} s"
    )


def complaints(driver: Chrome) -> list[str]:
    """Return the errors and warnings that the browser has logged since the last call."""
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] != "INFO"]


def take_picture(driver: Chrome, path: Path) -> None:
    """Write the whole page, also what must be scrolled to, as PNG."""
    height = driver.execute_script("return document.documentElement.scrollHeight")
    width = driver.execute_script("return document.documentElement.clientWidth")
    before = driver.execute_script("return window.innerHeight")
    resize(driver, (width, height))
    path.write_bytes(driver.get_screenshot_as_png())
    resize(driver, (width, before))
