"""What every estimator here shares: what it may be made with, refused in plain words, and that it wants a table."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real

from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils._param_validation import Interval, InvalidParameterError, validate_parameter_constraints

from segment.errors import InvalidInput

#: What scikit-learn calls ``_parameter_constraints``: for each parameter what it may be, one of a list.
Constraints = Mapping[str, list[object]]

#: What a seed may be where a number is needed that stays the same.
SEED: list[object] = [Interval(Integral, 0, None, closed="left")]
#: A text that is longer is not shown.
_LONGEST = 40
#: Strictly between 0 and 1: a confidence level.
LEVEL: list[object] = [Interval(Real, 0, 1, closed="neither")]


class InvalidParameter(InvalidInput, InvalidParameterError):
    """An estimator that was made with something it cannot work with; scikit-learn knows it by its own name too."""


class OfTables(BaseEstimator):
    """An estimator that wants a table with named columns, gaps allowed; scikit-learn is told so by tags."""

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()  # type: ignore[no-untyped-call]
        tags.input_tags.two_d_array, tags.input_tags.allow_nan = False, True
        return tags


def at_least(lowest: int) -> list[object]:
    """A whole number from ``lowest`` on.

    >>> str(at_least(2)[0])
    'an int in the range [2, inf)'
    """
    return [Interval(Integral, lowest, None, closed="left")]


def check_parameters(estimator: BaseEstimator) -> None:
    """Refuse what an estimator was made with where its ``_parameter_constraints`` say that it cannot be.

    What came is shown when it is a number or a short text, else by its type: a table may hold a person's value.

    Raises
    ------
    InvalidParameter
        For the first parameter that is none of what it may be.

    Examples
    --------
    >>> class Model(BaseEstimator):
    ...     _parameter_constraints = {"n_init": at_least(1)}
    ...     def __init__(self, n_init=1):
    ...         self.n_init = n_init
    >>> check_parameters(Model(2))
    >>> check_parameters(Model(0))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    segment.parameters.InvalidParameter: The 'n_init' parameter of Model must be an int in the range [1, inf). Got 0...
    """
    constraints: Constraints = estimator._parameter_constraints
    maker = type(estimator).__name__
    for name, value in estimator.get_params(deep=False).items():
        try:
            validate_parameter_constraints(constraints, {name: value}, caller_name=maker)
        except InvalidParameterError:
            raise InvalidParameter(_sentence(constraints, name, value, maker)) from None


class _Unfit:
    """What no parameter can be, shown as something else."""

    def __init__(self, shown: str) -> None:
        self.shown = shown

    def __repr__(self) -> str:
        return self.shown


def _sentence(constraints: Constraints, name: str, value: object, maker: str) -> str:
    """scikit-learn's own sentence, without what a table or a long text holds."""
    plain = value is None or isinstance(value, int | float) or (isinstance(value, str) and len(value) <= _LONGEST)
    stand_in = _Unfit(repr(value) if plain else type(value).__name__)
    try:
        validate_parameter_constraints(constraints, {name: stand_in}, caller_name=maker)
    except InvalidParameterError as fault:
        return str(fault)
    return f"The {name!r} parameter of {maker} cannot be worked with."
