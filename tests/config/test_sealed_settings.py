"""What only the study's own files may say: a word on the command line changes neither data, consent, floors nor key."""

from __future__ import annotations

from pathlib import Path

import pytest

from segment.config import load_study
from segment.errors import InvalidStudy

DEMO = Path(__file__).parents[2] / "configs" / "studies" / "demo.yaml"


@pytest.mark.parametrize(
    "setting",
    [
        "data=public",
        "governance=null",
        "governance.expires=2099-01-01",
        "governance.approver=the board",
        "privacy.key=ANOTHER",
        "privacy.min_group=5",
        "privacy.min_curve_events=10",
        "privacy.segment_share=0.05",
        "privacy={min_group: 6}",
        "review.approvers=1",
        "review.publish_undecided=true",
        " data =personal",
    ],
)
def test_no_override_changes_what_a_reviewer_agreed_to(setting: str) -> None:
    with pytest.raises(InvalidStudy, match=r"only the study's own files may say this") as refusal:
        load_study(DEMO, overrides=[setting])
    assert setting.partition("=")[0].strip() in str(refusal.value)


def test_other_settings_still_can_be_overridden() -> None:
    study = load_study(DEMO, overrides=["random_state=3", "privacy.retention.employee=12", "wave=2024-03"])
    assert (study.config.random_state, study.config.privacy.retention.employee, study.config.wave) == (3, 12, "2024-03")
