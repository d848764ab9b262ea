"""Pages as a browser shows them: the first screen, how many pages are printed, and what is asked for outside."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCREEN = (1280, 800)
_SILENT = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
)  # fmt: skip
#: The text of every node whose lowest line ends on the screen, in the order of the page; a block is a line of its own.
_VISIBLE = """
const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let block = null;
while (walk.nextNode()) {
  const node = walk.currentNode, text = node.textContent.replace(/\\s+/g, ' ').trim();
  const style = getComputedStyle(node.parentElement);
  if (!text || style.visibility === 'hidden') continue;
  const range = document.createRange(); range.selectNodeContents(node);
  const box = range.getBoundingClientRect();
  if (!box.height || box.top < 0 || box.left < 0 || box.bottom > arguments[0]) continue;
  const own = node.parentElement.closest('p,li,tr,h1,h2,h3,h4,figure,caption');
  if (own === block && found.length) found[found.length - 1] += ' ' + text; else found.push(text);
  block = own;
}
return found;
"""
#: The lines of paragraphs and of lists that hold no paragraphs of their own.
_PARAGRAPHS = """
return [...document.querySelectorAll('p,li,dd,figcaption')].filter(one => !one.querySelector('p,li'))
  .flatMap(one => one.innerText.split('\\n')).map(one => one.replace(/\\s+/g, ' ').trim()).filter(one => one);
"""


def there_is_one() -> bool:
    """Whether Chromium, its driver and the reader of printed pages are installed."""
    return all(shutil.which(name) for name in ("chromium", "chromedriver", "pdfinfo"))


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium with a screen of 1280 x 800, that writes down what it asks for."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for argument in _SILENT:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(shutil.which("chromedriver"))))
    width, height = SCREEN
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )
    try:
        yield driver
    finally:
        driver.quit()


def opened(driver: Any, page: Path) -> list[str]:
    """Open a page of this machine; returns what it asked for outside of its own file."""
    driver.get_log("performance")
    own = page.resolve().as_uri()
    driver.get(own)
    asked = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            asked.append(str(message["params"]["request"]["url"]))
    return [url for url in asked if url.split("#")[0] != own and not url.startswith(("data:", "about:"))]


def first_screen(driver: Any) -> list[str]:
    """What can be read of the open page without scrolling, block by block."""
    return [str(text) for text in driver.execute_script(_VISIBLE, SCREEN[1])]


def paragraphs(driver: Any) -> list[str]:
    """The paragraphs of the open page, line by line."""
    return [str(text) for text in driver.execute_script(_PARAGRAPHS)]


def printed_pages(driver: Any) -> int:
    """How many pages the open page takes on paper, as its own style says."""
    how = {"preferCSSPageSize": True, "printBackground": True}
    content = base64.b64decode(driver.execute_cdp_cmd("Page.printToPDF", how)["data"])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.pdf"
        file.write_bytes(content)
        told = subprocess.run(["pdfinfo", str(file)], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"^Pages:\s+(\d+)", told, flags=re.MULTILINE).group(1))  # type: ignore[union-attr]
