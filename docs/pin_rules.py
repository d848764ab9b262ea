"""Brings the rules that `verify.py` carries in step with the registry of tables, and binds `verify.py` to them.

    python docs/pin_rules.py      # after a table's release plan changed; a test says when that is needed

What is written by hand (sentences, what may stand in pages and workbooks, columns compared with the workbook) stays.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from segment.privacy import ReleaseRules
from segment.tables.registry import released_tables

EXPORTS = Path(__file__).resolve().parents[1] / "src" / "segment" / "exports"
_PARTS = ("groups", "lines", "means", "shares", "overall", "texts", "answers", "ranks", "alike")


def main() -> None:
    """Write `rules.json` and its digest in `verify.py`."""
    rules = json.loads((EXPORTS / "rules.json").read_text(encoding="utf-8"))
    rules["tables"] = {
        name: {
            "kind": plan.kind,
            "floor": ReleaseRules().floor(plan.kind),
            **{part: list(getattr(plan, part)) for part in _PARTS},
            "book": rules["tables"].get(name, {}).get("book", []),
        }
        for name, plan in sorted(released_tables().items())
    }
    lines = ["{"]
    for place, (name, value) in enumerate(rules.items(), 1):
        end = "," if place < len(rules) else ""
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
