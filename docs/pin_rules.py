"""Brings the rules that `verify.py` carries in step with the registry of tables, and binds `verify.py` to them.

    python docs/pin_rules.py      # after a table's release plan changed; a test says when that is needed

What is written by hand (sentences, what may stand in pages and workbooks, columns compared with the workbook) stays; of
a new table the figures that its sheet shows are compared with the workbook.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from segment.privacy import ReleaseRules
from segment.tables import all_tables
from segment.tables.registry import released_tables

EXPORTS = Path(__file__).resolve().parents[1] / "src" / "segment" / "exports"
_PARTS = ("groups", "lines", "means", "shares", "overall", "texts", "answers", "ranks", "alike", "chosen")


def rules() -> dict[str, Any]:
    """The rules as the registry has them now."""
    found: dict[str, Any] = json.loads((EXPORTS / "rules.json").read_text(encoding="utf-8"))
    found["least"] = {name: least for name, least in ReleaseRules().as_dict().items() if isinstance(least, int)}
    found["tables"] = {
        name: {
            "kind": plan.kind,
            "floor": ReleaseRules().floor(plan.kind),
            **{part: list(getattr(plan, part)) for part in _PARTS},
            "book": found["tables"].get(name, {}).get("book", _on_a_sheet(name)),
        }
        for name, plan in sorted(released_tables().items())
    }
    return found


def _on_a_sheet(name: str) -> list[str]:
    """The figures of a table that a sheet of the workbook shows; the sheet of methods tells its tables in words."""
    spec = all_tables()[name]
    if spec.shown is None or spec.release is None or spec.shown.sheet in ("", "method"):
        return []
    figures = (*spec.release.means, *spec.release.shares, *spec.release.overall)
    return [told.column for told in spec.shown_columns if told.column in figures]


def main() -> None:
    """Write `rules.json` and its digest in `verify.py`."""
    lines, found = ["{"], rules()
    for place, (name, value) in enumerate(found.items(), 1):
        end = "," if place < len(found) else ""
        if not isinstance(value, dict):
            lines.append(f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}{end}")
            continue
        inside = [f"  {json.dumps(key)}: {json.dumps(one, ensure_ascii=False)}" for key, one in value.items()]
        lines += [f" {json.dumps(name)}: {{", ",\n".join(inside), f" }}{end}"]
    text = "\n".join([*lines, "}"]) + "\n"
    (EXPORTS / "rules.json").write_text(text, encoding="utf-8")
    program, digest = EXPORTS / "verify.py", hashlib.sha256(text.encode()).hexdigest()
    bound = re.sub(r'RULES = "[0-9a-f]{64}"', f'RULES = "{digest}"', program.read_text(encoding="utf-8"))
    program.write_text(bound, encoding="utf-8")


if __name__ == "__main__":
    main()
