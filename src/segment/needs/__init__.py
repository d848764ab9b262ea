"""Need scores: what each person finds important, freed from how that person uses the scale."""

from segment.needs.choices import blend, pick_popularity, scores_from_picks, scores_from_ranks
from segment.needs.reliability import centred_reliability, median_reliability, need_reliability
from segment.needs.scoring import NeedScorer, NeedScores, contrast_matrix, need_means

__all__ = [
    "NeedScorer",
    "NeedScores",
    "blend",
    "centred_reliability",
    "contrast_matrix",
    "median_reliability",
    "need_means",
    "need_reliability",
    "pick_popularity",
    "scores_from_picks",
    "scores_from_ranks",
]
