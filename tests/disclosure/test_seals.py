"""Secrets of the release ledger under another key: wrapped as RFC 3394 says, and never read wrongly."""

from __future__ import annotations

import hashlib

import pytest

from segment.disclosure.ledger.seals import ledger_key, unwrapped, wrapped
from segment.errors import RefusedRelease

ONE, OTHER, THIRD = (ledger_key(bytes(range(start, start + 32))) for start in (0, 1, 2))


def test_a_wrapped_secret_comes_back_under_its_key_and_on_any_line() -> None:
    assert {unwrapped(wrapped(ONE, OTHER), OTHER, number=number) for number in (1, 2, 99)} == {ONE}


def test_a_line_of_version_0_1_is_still_read() -> None:
    pad = hashlib.blake2b(b"4", digest_size=32, key=OTHER, person=b"segment wrap").digest()
    line = bytes(a ^ b for a, b in zip(ONE, pad, strict=True)).hex()
    assert unwrapped(line, OTHER, number=4) == ONE


@pytest.mark.parametrize("held", [wrapped(ONE, THIRD), "00" + wrapped(ONE, OTHER)[2:], wrapped(ONE, OTHER)[:-2], ""])
def test_what_was_not_put_under_this_key_is_refused_with_its_line(held: str) -> None:
    with pytest.raises(RefusedRelease, match="line 7 of the ledger") as refused:
        unwrapped(held, OTHER, number=7)
    assert ONE.hex() not in str(refused.value)
