"""Makes the font that pages carry: Geist in two weights, with the signs of European languages only.

    python docs/make_font.py GEIST.ttf      # writes src/segment/exports/fonts/page-400.woff and page-650.woff

Two fixed weights, because browsers print a variable font as pictures of its letters.

`GEIST.ttf` is the variable font of the Geist project (SIL Open Font License 1.1, `src/segment/exports/fonts/OFL.txt`),
as https://github.com/vercel/geist-font publishes it. The same file gives the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter, save_font
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FOLDER = Path(__file__).resolve().parents[1] / "src" / "segment" / "exports" / "fonts"
WEIGHTS = (400, 650)
#: Latin with its accents, and the signs of our figures.
SIGNS = (*range(0x20, 0x7F), *range(0xA0, 0x180), *map(ord, "–—‘’‚“”„•…‹›€−≈≤≥→←·×÷√●○ﬁﬂ"))


def main(given: str) -> None:
    """Write the fonts of the pages."""
    wanted = Options(
        layout_features=["kern", "liga", "tnum", "mark", "ccmp", "locl"], name_IDs=[0, 1, 2, 13, 14], hinting=False,
        recalc_timestamp=False, flavor="woff", drop_tables=[*Options().drop_tables, "meta"],
    )  # fmt: skip
    FOLDER.mkdir(exist_ok=True)
    for weight in WEIGHTS:
        chosen = Subsetter(wanted)
        chosen.populate(unicodes=SIGNS)
        whole = TTFont(given, recalcTimestamp=False)
        chosen.subset(whole)
        font = instantiateVariableFont(whole, {"wght": weight})
        save_font(font, str(FOLDER / f"page-{weight}.woff"), wanted)


if __name__ == "__main__":
    main(sys.argv[1])
