"""Changes that were decided and interrupted are completed before anything else is done in a workspace."""

from __future__ import annotations

from functools import partial

from segment.stages.base import OpenStudy
from segment.stages.keys import STEPS
from segment.stages.release.ledgers import write_event_once
from segment.stages.release.withdrawal import take_releases_back
from segment.stages.rights.erasure import take_out_elsewhere, take_people_out
from segment.stages.rights.exclusion import empty_attributes, let_leavers_go
from segment.store import confined
from segment.tracking import registry
from segment.tracking.mlflow_log import Tracker
from segment.workspace.transaction import Content, Steps, complete


def steps_of(opened: OpenStudy) -> Steps:
    """What a change of a study may do beyond putting files in place, by name; each can be done twice."""
    return {
        **STEPS,
        "event": partial(write_event_once, opened),
        "champion": partial(_make_champion, opened),
        "empty-attributes": partial(empty_attributes, opened),
        "let-leavers-go": partial(let_leavers_go, opened),
        "take-people-out": partial(take_people_out, opened),
        "take-releases-back": partial(take_releases_back, opened),
    }


def complete_interrupted(opened: OpenStudy) -> bool:
    """Complete what an earlier command decided and could not end, or clear away what it had not decided yet.

    Then whoever was erased or objects in another study under the key is taken out here as well. This
    belongs at the beginning of every verb that writes, which holds the workspace. True when something was completed.
    """
    with confined(opened.workspace, opened.store.models, *opened.outside):
        done = complete(opened.workspace, beside=(opened.store.models,), steps=steps_of(opened))
    if opened.store.has("identities"):
        take_out_elsewhere(opened, opened.store.read("identities"))
    return done is not None


def tracker_of(opened: OpenStudy) -> Tracker:
    """Where the study's runs and models are tracked."""
    return Tracker.of(opened.workspace, opened.config.tracking.experiment or opened.config.study)


def _make_champion(opened: OpenStudy, content: Content) -> None:
    registry.promote(tracker_of(opened), study=opened.config.study, **content)
