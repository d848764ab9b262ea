"""A browser for tests: headless Chromium that asks nobody outside anything."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

#: Marks of a test that needs it.
NEEDED = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="Chromium and its driver are not installed (chromium, chromium-driver)"
    ),
]

_SILENT = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip


@contextmanager
def silent_browser(*more: str) -> Iterator[Any]:
    """The driver of a browser that writes down what pages say and ask for; ``more``: further arguments."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in (*_SILENT, *more):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()


class MlflowPages:
    """MLflow's own pages on a server, read in a browser as a reviewer reads them."""

    def __init__(self, driver: Any, address: str) -> None:
        self.driver, self.address = driver, address

    def read(self, path: str, *awaited: str, frame: bool = False, seconds: float = 90) -> str:
        """What a page, or the file that it shows in a ``frame``, says once it says all that is awaited."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.address}/#/{path}")
        said, until = "", time.monotonic() + seconds
        while time.monotonic() < until:
            said = self._said(frame)
            if all(one in said for one in awaited):
                return said
            time.sleep(0.3)
        lacking = [one for one in awaited if one not in said]
        raise AssertionError(f"{path} lacks {lacking}; it says: {said[:3000]}")

    def bare(self) -> None:
        """Pages for training models, without those for language models and without the panel of an assistant."""
        self.driver.get(f"{self.address}/#/experiments?workflowType=machine_learning")
        for key, value in {
            "mlflow.workflowType_v1": '"machine_learning"',
            "mlflow.assistant.panelOpen_v1": "false",
            "mlflow.assistant.fab.autoOpenedOnFirstLoad_v1": "true",
        }.items():
            self.driver.execute_script("localStorage.setItem(arguments[0], arguments[1])", key, value)

    def settle(self, seconds: float = 20) -> None:
        """Wait until a page has drawn: until its picture is the same three times in a row."""
        until, seen, same = time.monotonic() + seconds, "", 0
        while same < 2 and time.monotonic() < until:
            time.sleep(0.7)
            now = str(self.driver.get_screenshot_as_base64())
            same, seen = (same + 1 if now == seen else 0), now

    def _said(self, frame: bool) -> str:
        self.driver.switch_to.default_content()
        if frame:
            frames = self.driver.find_elements("tag name", "iframe")
            if not frames:
                return ""
            self.driver.switch_to.frame(frames[0])
        try:
            said = str(self.driver.find_element("tag name", "body").get_property("innerText"))
            return said.replace("\N{NO-BREAK SPACE}", " ")
        except StaleElementReferenceException:
            return ""
