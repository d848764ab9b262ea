"""What every reader of a format keeps to, whatever stands in the file; a new format is held to it by being there."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from segment.ingest.findings import Findings
from segment.ingest.limits import Limits
from segment.ingest.readers import formats, read_raw
from segment.vocabulary import Severity

#: What may stand under any ending.
CONTENTS = {
    "nothing": b"",
    "a blank line": b"\n",
    "zeros": bytes(200),
    "half an archive": b"PK\x03\x04" + bytes(range(200)),
    "another encoding": b"\xff\xfe\xe9\x00;\x00",
    "text": b"person_id,answer\n007,4\n008,5\n",
    "a list": b"[1, 2]\n",
    "an empty object": b"{}\n{}\n",
    "nested objects": b'{"a": {"b": 1}}\n{"a": [1, 2]}\n',
    "objects and none": b'{"a": 1}\n1\n',
    "tags": b"<?xml version='1.0'?><rows><row a='1'/></rows>",
}


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("ending", formats())
def test_a_reader_returns_a_table_or_says_why_not(ending: str, content: str, tmp_path: Path) -> None:
    file, found = tmp_path / f"survey{ending}", Findings()
    file.write_bytes(CONTENTS[content])
    table = read_raw(file, found)
    if table is None:
        assert any(one.rule.severity == Severity.ERROR for one in found.items), "nothing was read and nothing said"
        assert all(one.file for one in found.items)
        return
    assert table.file == file.name
    assert len(table.rows) == len(table.frame) and len(set(table.rows)) == len(table.rows)
    assert len(table.frame.columns) and all(isinstance(name, str) and name for name in table.frame.columns)
    cells = table.frame.map(pd.api.types.is_scalar)
    assert cells.all(axis=None), "a cell holds one value"


@pytest.mark.parametrize("ending", sorted({known.endings[0] for known in formats().values()}))
def test_a_reader_asks_the_limits(ending: str, tmp_path: Path) -> None:
    """Of a file of any size: a limit of no megabyte refuses it before a reader sees it."""
    file, found = tmp_path / f"survey{ending}", Findings()
    file.write_bytes(CONTENTS["text"] * 1_000)
    assert read_raw(file, found, limits=Limits(max_megabytes=0.001)) is None
    assert [one.rule.code for one in found.items] == ["DQ080"]
