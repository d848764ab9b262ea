"""Whether the kinds of questions that a study makes segments of tell what people need: asked before anything is run."""

from __future__ import annotations

import pandas as pd

from segment.ingest import Inputs
from segment.stages.base import OpenStudy
from segment.stages.segmentation.basis import FEWEST_NEEDS, RATED, answered_in, basis_of, telling_kinds, wishes_of
from segment.stages.waves import model_wave
from segment.tables.codebook import Codebook


def warn_of_basis(opened: OpenStudy, inputs: Inputs) -> list[str]:
    """What `segment check` says of ``segmentation.basis``: ``SB001`` no two needs are rated by it, ``SB002`` some of
    its kinds tell of no need; nothing where all of them do.

    Of a basis that the study file does not write only the first is said: nobody chose the others.
    """
    responses, codebook = inputs.tables.get("responses"), inputs.codebook
    if responses is None or responses.empty or codebook is None:
        return []
    settings, asked = opened.config.segmentation, answered_in(responses, model_wave(opened, responses))
    needs = basis_of(codebook, settings.basis, asked).needs
    if len(needs) < FEWEST_NEEDS:
        return [_no_needs(settings.basis, len(needs), rated_instead(codebook, asked))]
    telling = telling_kinds(codebook, settings.basis, asked, wishes_of(opened))
    silent = [str(kind) for kind in settings.basis if kind not in telling]
    if not silent or "basis" not in settings.model_fields_set:
        return []
    return [
        f"SB002 the study file, segmentation.basis: expected kinds with rated questions about needs; found "
        f"{', '.join(silent)}, with none that was asked: segments are not made of them. What to do: take them out"
    ]


def rated_instead(codebook: Codebook, asked: pd.Index) -> dict[str, int]:
    """Kinds of questions that rate two needs or more in a study, each with how many."""
    found = {str(kind): len(basis_of(codebook, (kind,), asked).needs) for kind in RATED}
    return {kind: needs for kind, needs in found.items() if needs >= FEWEST_NEEDS}


def _no_needs(kinds: tuple[str, ...], needs: int, instead: dict[str, int]) -> str:
    named = ", ".join(kinds) or "nothing"
    if instead:
        advice = (
            f"name {' or '.join(f'{kind} (rates {n} needs)' for kind, n in instead.items())} under segmentation.basis"
        )
    else:
        advice = "ask about two needs or more, or correct 'driver' in the codebook"
    return (
        f"SB001 the study file, segmentation.basis: expected kinds whose rated questions are about two needs or more; "
        f"found {named}, which rates {needs or 'none'}. No segments are looked for, and the report says that needs "
        f"were not measured. What to do: {advice}; else nothing"
    )
