"""Who stays, for how long, and how sure we are."""

from segment.retention.ahead import Ahead
from segment.retention.calibration import calibration_table, observed_over_expected, recalibrate
from segment.retention.curves import Curve, estimate_curve, first_year_risk, segment_curves
from segment.retention.dated_spells import periods_from_snapshots, spells_from_dates, split_by_time
from segment.retention.durations import judge_durations
from segment.retention.evaluation import Evaluation, decision_curve, evaluate
from segment.retention.explanation import effects, explain_people, segment_doubt, segment_effects
from segment.retention.fairness import group_results, proxy_test
from segment.retention.flag_evaluation import evaluate_flag
from segment.retention.floors import CoxFloor, KaplanMeierFloor
from segment.retention.foresight import (
    Headline,
    chance_finding,
    foresight_findings,
    headline,
    longest_watched,
    within_precedent,
)
from segment.retention.hazard import HazardModel
from segment.retention.horizon import HorizonModel
from segment.retention.leakage import duplicate_groups, leakage_findings
from segment.retention.model_card import model_card
from segment.retention.outcomes import Watched, check_spells
from segment.retention.person_period import PersonMonths, PersonMonthSource
from segment.retention.repeats import foretell_flags, judge_flags
from segment.retention.resampling import refitted
from segment.retention.reservations import calibration_reservations, fairness_reservations
from segment.retention.sensitivity import what_if

__all__ = [
    "Ahead",
    "CoxFloor",
    "Curve",
    "Evaluation",
    "HazardModel",
    "Headline",
    "HorizonModel",
    "KaplanMeierFloor",
    "PersonMonthSource",
    "PersonMonths",
    "Watched",
    "calibration_reservations",
    "calibration_table",
    "chance_finding",
    "check_spells",
    "decision_curve",
    "duplicate_groups",
    "effects",
    "estimate_curve",
    "evaluate",
    "evaluate_flag",
    "explain_people",
    "fairness_reservations",
    "first_year_risk",
    "foresight_findings",
    "foretell_flags",
    "group_results",
    "headline",
    "judge_durations",
    "judge_flags",
    "leakage_findings",
    "longest_watched",
    "model_card",
    "observed_over_expected",
    "periods_from_snapshots",
    "proxy_test",
    "recalibrate",
    "refitted",
    "segment_curves",
    "segment_doubt",
    "segment_effects",
    "spells_from_dates",
    "split_by_time",
    "what_if",
    "within_precedent",
]
