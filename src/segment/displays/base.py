"""The look every figure shares, and the one door from a drawing to inline SVG."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from textwrap import wrap

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes as Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D as Line2D

from segment.locale import number, percent

INK = "#1c2b33"
MUTED = "#586870"
GRID = "#e1e8ea"
ACCENT = "#0b5d66"
ACCENT_SOFT = "#bfdadd"
CONTRAST = "#a3450c"
PAPER = "#ffffff"

#: Widths in pixels of a panel among others and of one that stands alone; narrow enough to be read on a phone.
NARROW, WIDE = 340, 440

Floats = npt.NDArray[np.float64]

_NO_METADATA: dict[str, object] = {"Date": None, "Creator": None, "Format": None, "Type": None}
#: Coordinates finer than anybody sees; looked for inside tags only, 1.234 in a text may be a thousand and more.
#: Steps between the ticks of an axis of shares, and how many there may be.
_STEPS, _MOST_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2), 5
_LONG_DECIMALS = re.compile(r"\d+\.\d{3,}")


@dataclass(frozen=True)
class Panel:
    """One drawing of a figure: its heading and its SVG, ready to stand in a page."""

    heading: str
    svg: str
    width: int


@dataclass(frozen=True)
class Display:
    """A figure for a page: small drawings side by side, what they show, and the same numbers as a table.

    ``columns`` and ``rows`` are the table alternative, already in words; the first column heads each row.
    ``segments``: those (0..k-1) that it tells of one by one; ``None`` where it is about something else.
    """

    name: str
    title: str
    description: str
    panels: tuple[Panel, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    segments: frozenset[int] | None = None


@dataclass(frozen=True)
class Series:
    """Points of one kind in a dot panel: a value per line (NaN: none), perhaps an interval, and their mark."""

    values: Floats
    low: Floats | None = None
    high: Floats | None = None
    marker: str = "o"
    colour: str = ACCENT
    filled: bool = True
    size: float = 6.5


@contextmanager
def theme() -> Iterator[None]:
    """The shared settings, whatever the machine's own matplotlib settings say."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "svg.hashsalt": "segment", "svg.fonttype": "none", "figure.dpi": 72, "savefig.dpi": 72,
                "font.size": 12, "font.family": "DejaVu Sans", "text.color": INK, "axes.labelcolor": MUTED,
                "axes.edgecolor": GRID, "axes.linewidth": 1, "axes.spines.top": False, "axes.spines.right": False,
                "xtick.color": MUTED, "ytick.color": MUTED, "xtick.labelsize": 11, "ytick.labelsize": 12,
                "xtick.major.size": 0, "ytick.major.size": 0, "grid.color": GRID, "grid.linewidth": 1,
                "axes.labelsize": 11, "lines.linewidth": 2, "axes.axisbelow": True,
            }
        )  # fmt: skip
        yield


def canvas(width: int, height: int) -> Figure:
    """An empty drawing of so many pixels."""
    figure = Figure(figsize=(width / 72, height / 72), dpi=72)
    FigureCanvasSVG(figure)
    figure.patch.set_visible(False)
    return figure


def notebook_axes(ax: Axes | None) -> tuple[Axes, Figure]:
    """Axes to draw on in a notebook, and their figure: those that were given, else new ones of pyplot's."""
    if ax is None:
        from matplotlib import pyplot  # chooses where figures are shown: only where somebody looks at one

        own, ax = pyplot.subplots()
        return ax, own
    figure = ax.get_figure(root=True)
    assert figure is not None
    return ax, figure


def plot_area(figure: Figure, left: float, bottom: float, right: float, top: float) -> Axes:
    """Axes with margins in pixels."""
    width, height = figure.get_size_inches() * 72
    box = (left / width, bottom / height, 1 - (left + right) / width, 1 - (bottom + top) / height)
    axes = figure.add_axes(box)
    axes.patch.set_visible(False)
    return axes


def to_svg(figure: Figure, *, prefix: str, title: str, description: str) -> str:
    """A drawing as inline SVG: real text, ids that start with ``prefix``, a title and a description, no metadata.

    The same drawing gives the same bytes. Text keeps its size and takes its font from the page.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata=_NO_METADATA, transparent=True)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(
        r"<metadata>.*?</metadata>\s*|<defs>\s*<style.*?</style>\s*</defs>\s*|<!--.*?-->\s*", "", svg, flags=re.S
    )
    svg = re.sub(r"font-family: [^;\"]*;? ?| transform=\"rotate\(-0 [^\"]*\"", "", svg)
    svg = re.sub(r"<g/>\s*", "", svg.replace("xlink:href", "href"))
    svg = re.sub(r"<[^>]*>", lambda tag: _LONG_DECIMALS.sub(_two_decimals, tag.group()), svg)
    svg = _own_ids(svg, prefix)
    box = re.search(r'viewBox="([^"]+)"', svg)
    assert box is not None
    opening = (
        f'<svg class="plot" viewBox="{box.group(1)}" role="img" aria-labelledby="{prefix}-t {prefix}-d" '
        f'xmlns="http://www.w3.org/2000/svg">'
        f'<title id="{prefix}-t">{escape(title)}</title><desc id="{prefix}-d">{escape(description)}</desc>'
    )
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"<svg[^>]*>", lambda _: opening, svg, count=1)).strip()


def _two_decimals(match: re.Match[str]) -> str:
    return f"{float(match.group()):.2f}".rstrip("0").rstrip(".")


def _own_ids(svg: str, prefix: str) -> str:
    """Drop ids nobody refers to; put the prefix before the others, so that two drawings never collide."""
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))

    def rename(match: re.Match[str]) -> str:
        return f' id="{prefix}-{match.group(1)}"' if match.group(1) in used else ""

    svg = re.sub(r' id="([^"]*)"', rename, svg)
    return re.sub(r'(url\(#|href="#)([^)"]+)', rf"\1{prefix}-\2", svg)


def dot_panel(
    lines: Sequence[str],
    series: Sequence[Series],
    *,
    limits: tuple[float, float],
    ticks: Sequence[tuple[float, str]],
    width: int = NARROW,
    reference: float | None = None,
    joined: bool = False,
    axis: str = "",
) -> Figure:
    """One line per name from top to bottom, one mark per series on it.

    ``joined`` draws a bar between the first two series of a line; ``reference`` draws a vertical line. Call inside
    :func:`theme`.
    """
    wrapped = [wrap(line, 24 if width == WIDE else 21) for line in lines]
    heights = np.array([14.0 * len(words) + 13 for words in wrapped])
    places = np.cumsum(heights) - heights / 2
    gutter = 172 if width == WIDE else 150
    bottom = 40 if axis else 24
    figure = canvas(width, int(heights.sum()) + bottom + 6)
    axes = plot_area(figure, gutter, bottom, 18, 6)
    axes.set(xlim=limits, ylim=(heights.sum(), 0))
    axes.set_xticks([at for at, _ in ticks], [text for _, text in ticks])
    axes.set_yticks([])
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    _name_lines(axes, wrapped, places)
    if axis:
        axes.set_xlabel(axis)
    if reference is not None:
        axes.axvline(reference, color=MUTED, linewidth=1)
    if joined:
        axes.hlines(places, series[0].values, series[1].values, color=ACCENT_SOFT, linewidth=5)
    for one in series:
        _draw_series(axes, one, places)
    return figure


def _name_lines(axes: Axes, names: Sequence[Sequence[str]], places: Floats) -> None:
    """Names to the left of the plot area; one text per line of words, so that any font aligns at its end."""
    for place, words in zip(places, names, strict=True):
        for line, text in enumerate(words):
            shift = 14 * ((len(words) - 1) / 2 - line) - 4
            axes.annotate(
                text, (0, place), (-12, shift), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
                ha="right", va="baseline", annotation_clip=False,
            )  # fmt: skip


def _draw_series(axes: Axes, one: Series, places: Floats) -> None:
    if one.low is not None and one.high is not None:
        axes.hlines(places, one.low, one.high, color=one.colour, linewidth=1.6, alpha=0.55)
    axes.plot(
        one.values,
        places,
        linestyle="none",
        marker=one.marker,
        markersize=one.size,
        markerfacecolor=one.colour if one.filled else PAPER,
        markeredgecolor=one.colour,
        markeredgewidth=1.5,
        clip_on=False,
        zorder=3,
    )


def percent_ticks(values: Sequence[float], language: str) -> list[tuple[float, str]]:
    """Ticks at shares, written as percentages."""
    return [(value, percent(value, language)) for value in values]


def number_ticks(values: Sequence[float], language: str, *, digits: int = 0) -> list[tuple[float, str]]:
    """Ticks at numbers, written as the language writes them."""
    return [(value, number(value, language, digits=digits)) for value in values]


def answer_axis(language: str, *, shares: bool) -> tuple[tuple[float, float], list[tuple[float, str]]]:
    """Ends and ticks of an axis of mean answers, 1 to 5, or of shares of people who say yes."""
    if shares:
        return (0, 1), percent_ticks((0, 0.25, 0.5, 0.75, 1), language)
    return (1, 5), number_ticks((1, 2, 3, 4, 5), language)


def share_ticks(values: Floats) -> list[float]:
    """Round shares, two to six, that hold all values between the first and the last: whole steps of 1 to 20 percent.

    >>> [round(one, 2) for one in share_ticks(np.array([0.17, 0.21]))]
    [0.17, 0.18, 0.19, 0.2, 0.21]
    >>> [round(one, 2) for one in share_ticks(np.array([0.02, 0.93]))]
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    known = values[np.isfinite(values)]
    low, high = max(float(known.min()), 0.0), min(float(known.max()), 1.0)
    for step in _STEPS:
        first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
        last = max(last, first + 1)
        if last - first <= _MOST_STEPS:
            break
    return [float(at * step) for at in np.arange(first, last + 1)]


def round_up(value: float, steps: Sequence[float]) -> float:
    """The first of ``steps`` that is at least ``value``; the last when none is.

    >>> round_up(0.13, (0.1, 0.2, 0.5, 1))
    0.2
    """
    return next((step for step in steps if step >= value), steps[-1])
