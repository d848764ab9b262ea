"""The one way from words and figures to an HTML page: self-contained, escaped, without scripts or requests."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from functools import cache, partial
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from segment.displays.labels import Labels
from segment.exports.dated import wave_told
from segment.exports.story import Story
from segment.locale import number, own_words, say

#: What a page may load: nothing; what it may use: its own styles, and pictures and a font that are part of it.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
)

#: A cell with this many letters is a sentence, whatever numbers it holds.
_SENTENCE = 20
#: How a figure begins: perhaps a bound, a sign, a currency or a bracket, then a digit.
_FIGURE = re.compile(r"[≤≥<>~±+−–€$(\s-]*\d")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("segment.exports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render_page(template: str, language: str, **values: object) -> str:
    """A page from its template, in one language.

    Everything is escaped; only the SVG of our own figures is passed as it is. Inside a template ``t(key, ...)``
    gives a message of the catalogue, and ``own(texts)`` words of the study itself.
    """

    labels = Labels(language)
    if isinstance(story := values.get("story"), Story):
        labels = story.labels(language)
        values |= {"when": wave_told(story, language), "when_within": wave_told(story, language, within=True)}

    page = _environment().get_template(template)
    absent = tuple(say(key, language) for key in ("report.hidden", "report.not_measured"))
    tools = {
        "t": labels.say,
        "own": partial(own_words, language=language),
        "drawing": Markup,
        "written": number,
        "quoted": css_string,
        "face": page_font,
        "wordy": partial(wordy_columns, absent=absent),
    }
    return page.render(language=language, policy=POLICY, **tools, **values)


@cache
def page_font(weight: int) -> Markup:
    """A weight of the font that pages carry, as base64: every machine prints the same lines (`fonts/OFL.txt`)."""
    font = resources.files("segment.exports").joinpath("fonts", f"page-{weight}.woff").read_bytes()
    return Markup(base64.b64encode(font).decode("ascii"))


def css_string(text: str) -> Markup:
    """A text as a string of a style sheet: what could end the string, hide in it or begin anything becomes a space.

    Nothing is escaped, as a check of the pages allows no backslash in a style: it could spell a word that calls out.

    >>> css_string('What "drives" us?</style>')
    Markup('"What drives us? /style"')
    """
    plain = re.sub(r"[\"\\\\<>()@\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text)
    return Markup('"' + " ".join(plain.split()) + '"')


def wordy_columns(rows: Sequence[Sequence[str]], *, absent: Sequence[str] = ()) -> tuple[bool, ...]:
    """Which columns of a table hold words (aligned left), not figures: most cells begin with none, or are sentences.

    Dashes do not count, nor do ``absent`` words that stand in the place of a figure ('hidden').

    >>> wordy_columns([("Growth", "per segment", "23%"), ("Pay", "one policy", "–")])
    (True, True, False)
    >>> wordy_columns([("Wages important 1", "≤ 5%"), ("Wages important 2", "−1.2 (−2.0 to 0.1)")])
    (True, False)
    """
    return tuple(
        _is_wordy([cell for cell in column if cell not in (*absent, "–")]) for column in zip(*rows, strict=True)
    )


def _is_wordy(cells: Sequence[str]) -> bool:
    figures = sum(bool(_FIGURE.match(cell)) and sum(map(str.isalpha, cell)) < _SENTENCE for cell in cells)
    return len(cells) > 2 * figures
