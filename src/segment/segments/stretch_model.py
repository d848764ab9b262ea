"""The model behind segments by needs: segments, one covariance, and a stretch of the scale per person.

``x = s (m_z + e)``, ``e ~ N(0, S)``, ``log s ~ N(0, t^2)``, and the person's scatter around the own need means
``ss ~ s^2 v chi^2(df)``; the integral over ``s`` runs over a grid. See ``mixtures`` for sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_BLOCK = 4096
_FEW_COLUMNS = 16


@dataclass(frozen=True)
class Sample:
    """Rows, their weights, and each row's scatter around its own need means (sum of squares, degrees of freedom)."""

    x: FloatArray
    weight: FloatArray
    ss: FloatArray
    df: FloatArray

    def take(self, rows: npt.NDArray[np.intp]) -> Sample:
        return Sample(self.x[rows], self.weight[rows], self.ss[rows], self.df[rows])

    def divided_by(self, stretch: FloatArray) -> Sample:
        nothing = np.zeros(len(self.x))
        return Sample(self.x / stretch[:, None], self.weight, nothing, nothing)


@dataclass(frozen=True)
class Parameters:
    weights: FloatArray
    means: FloatArray
    covariance: FloatArray
    root: FloatArray  # lower triangle with root root' = covariance
    stretch_sd: float
    rest_variance: float

    def pack(self) -> FloatArray:
        d = len(self.root)
        packed = np.empty(self.weights.size + self.means.size + d * (d + 1) // 2 + 2)
        k = len(self.weights)
        packed[:k] = np.log(np.maximum(self.weights, 1e-12))
        packed[k : k + k * d] = self.means.ravel()
        below, diagonal = _triangle(d)
        packed[k + k * d : -2] = self.root[below]
        packed[k + k * d : -2][diagonal] = np.log(np.diag(self.root))
        packed[-2:] = np.log(max(self.stretch_sd, 1e-6)), np.log(self.rest_variance)
        return packed

    @classmethod
    def unpack(cls, packed: FloatArray, k: int, d: int) -> Parameters:
        raw = packed[:k] - packed[:k].max()
        weights = np.exp(raw) / np.exp(raw).sum()
        means = packed[k : k + k * d].reshape(k, d)
        below, diagonal = _triangle(d)
        entries = packed[k + k * d : -2].copy()
        entries[diagonal] = np.exp(np.clip(entries[diagonal], -20, 20))
        root = np.zeros((d, d))
        root[below] = entries
        stretch_sd, rest_variance = np.exp(np.clip(packed[-2:], -20, 20))
        return cls(weights, means, root @ root.T, root, float(stretch_sd), float(rest_variance))


@lru_cache(maxsize=64)
def _triangle(d: int) -> tuple[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]], npt.NDArray[np.intp]]:
    """Places of a lower triangle, and which of them are on the diagonal."""
    below = np.tril_indices(d)
    return below, np.flatnonzero(below[0] == below[1])


@dataclass(frozen=True)
class Grid:
    """Values of the log stretch that the integral runs over."""

    nodes: FloatArray

    @classmethod
    def reaching(cls, reach: float, information: float) -> Grid:
        """A grid from -reach to reach, as fine as ``information`` (answers per person) can tell stretches apart.

        The log of a standard deviation from ``m`` numbers has standard error 1 / sqrt(2 m); nodes stand at most 1.3 of
        those apart, and there are 7 to 41 of them.
        """
        spacing = 1.3 / np.sqrt(2.0 * max(information, 1.0))
        return cls(np.linspace(-reach, reach, 2 * int(np.clip(np.ceil(reach / spacing), 3, 20)) + 1))

    def coarse(self) -> Grid:
        """As many nodes, out to a reach of one decimal: how far people's stretches reach is a figure of theirs too."""
        if len(self.nodes) == 1:
            return self
        reach = max(round(float(self.nodes[-1]), 1), 0.1)
        return Grid(np.linspace(-reach, reach, len(self.nodes)))

    def log_weights(self, stretch_sd: float) -> FloatArray:
        if len(self.nodes) == 1:
            return np.zeros(1)
        raw = -0.5 * (self.nodes / max(stretch_sd, 1e-3)) ** 2
        raw = np.maximum(raw - raw.max(), -600.0)
        return np.asarray(raw - np.log(np.exp(raw).sum()))


NO_STRETCH = Grid(np.zeros(1))


@dataclass(frozen=True)
class Solved:
    """Parameters with everything inverted once, ready for blocks of people.

    The log of stretch times segment is linear in a person's (towards each mean, squared length, dimensions, 1), so a
    block costs one matrix product; sums over stretches and over segments are a second one.
    """

    inverse: FloatArray  # inverse of the covariance's lower triangle
    means: FloatArray  # means in whitened coordinates
    table: FloatArray  # (k + 3) x (stretches k)
    sums: npt.NDArray[np.floating]  # (stretches k) x (stretches + 2 k): by stretch, by segment, by segment over stretch
    log_det: float
    rest_variance: float

    @classmethod
    def of(cls, parameters: Parameters, grid: Grid, *, single: bool = True) -> Solved:
        """``single``: sums in single precision, for fitting. Reading takes double: a last bit of single precision moves
        with the place of a person in a block, and shows in the eighth decimal.
        """
        inverse = np.asarray(np.linalg.inv(parameters.root), dtype=np.float64)
        means = parameters.means @ inverse.T
        k, nodes = len(means), grid.nodes
        constants = np.log(np.maximum(parameters.weights, 1e-300)) - 0.5 * (means**2).sum(axis=1)
        table = np.empty((k + 3, len(nodes), k))
        table[:k] = np.exp(-nodes)[None, :, None] * np.eye(k)[:, None, :]
        table[k] = -0.5 * np.exp(-2 * nodes)[:, None]
        table[k + 1] = -nodes[:, None]
        table[k + 2] = grid.log_weights(parameters.stretch_sd)[:, None] + constants
        log_det = float(np.log(np.diag(inverse)).sum())
        sums = _summing(grid, k) if single else _summing(grid, k).astype(np.float64)
        return cls(inverse, means, table.reshape(k + 3, -1), sums, log_det, parameters.rest_variance)

    def expect(self, x: FloatArray, ss: FloatArray, df: FloatArray) -> tuple[npt.NDArray[np.floating], FloatArray]:
        """Per person: shares by stretch, by segment over the stretch, by segment; and the log-likelihood."""
        white = x @ self.inverse.T
        d = x.shape[1]
        k = len(self.means)
        features = np.empty((len(x), k + 3))
        features[:, :k] = white @ self.means.T
        features[:, k] = sum_of_columns(white**2) + ss / self.rest_variance
        features[:, k + 1] = d + df
        features[:, k + 2] = 1.0
        joint = features @ self.table
        top = largest_of_columns(joint)
        joint -= top[:, None]
        portions = joint.astype(self.sums.dtype)
        np.exp(portions, out=portions)
        sums = portions @ self.sums
        total = sum_of_columns(sums[:, -k:])
        sums *= (1.0 / total).astype(sums.dtype)[:, None]
        constant = self.log_det - 0.5 * d * np.log(2 * np.pi) - 0.5 * df * np.log(self.rest_variance)
        return sums, np.log(total) + top + constant


@lru_cache(maxsize=64)
def _summing_of(nodes: tuple[float, ...], k: int) -> npt.NDArray[np.float32]:
    stretches = len(nodes)
    by_stretch = np.repeat(np.eye(stretches), k, axis=0)
    by_segment = np.tile(np.eye(k), (stretches, 1))
    over = by_segment * np.repeat(np.exp(-np.array(nodes)), k)[:, None]
    return np.hstack([by_stretch, over, by_segment]).astype(np.float32)


def _summing(grid: Grid, k: int) -> npt.NDArray[np.float32]:
    return _summing_of(tuple(grid.nodes.tolist()), k)


def em_step(sample: Sample, grid: Grid, parameters: Parameters, floor: float) -> tuple[Parameters, float]:
    k, d = parameters.means.shape
    stretches = len(grid.nodes)
    solved = Solved.of(parameters, grid)
    shrink2 = np.exp(-2 * grid.nodes)
    counts, sums, squares = np.zeros(k), np.zeros((k, d)), np.zeros((d, d))
    value = second_moment = scatter = 0.0
    for rows in blocks(len(sample.x)):
        x, weight = sample.x[rows], sample.weight[rows]
        member, logs = solved.expect(x, sample.ss[rows], sample.df[rows])
        value += float(weight @ logs)
        weighted = member * weight[:, None]
        inverse2 = weighted[:, :stretches] @ shrink2
        sums += weighted[:, stretches : stretches + k].T @ x
        counts += weighted[:, -k:].sum(axis=0)
        squares += (x * inverse2[:, None]).T @ x
        second_moment += float(weighted[:, :stretches].sum(axis=0) @ grid.nodes**2)
        scatter += float(inverse2 @ sample.ss[rows])
    total = float(sample.weight.sum())
    safe = np.maximum(counts, 1e-10)
    means = sums / safe[:, None]
    covariance, root = floored((squares - (means * counts[:, None]).T @ means) / total, floor)
    degrees = float(sample.weight @ sample.df)
    rest_variance = max(scatter / degrees, floor) if degrees > 0 else 1.0
    stretch_sd = float(np.sqrt(second_moment / total))
    return Parameters(safe / safe.sum(), means, covariance, root, stretch_sd, rest_variance), value


def stretch_guess(sample: Sample, one: Parameters, grid: Grid) -> FloatArray:
    solved, guess = Solved.of(one, grid), np.empty(len(sample.x))
    for rows in blocks(len(sample.x)):
        sums, _ = solved.expect(sample.x[rows], sample.ss[rows], sample.df[rows])
        guess[rows] = sums[:, : len(grid.nodes)] @ grid.nodes
    return guess


def from_labels(sample: Sample, labels: npt.NDArray[np.intp], k: int, one: Parameters, floor: float) -> Parameters:
    member = (labels[:, None] == np.arange(k)) * sample.weight[:, None]
    counts = np.maximum(member.sum(axis=0), 1e-10)
    means = member.T @ sample.x / counts[:, None]
    squares = (sample.x * sample.weight[:, None]).T @ sample.x
    covariance, root = floored((squares - (means * counts[:, None]).T @ means) / sample.weight.sum(), floor)
    return Parameters(counts / counts.sum(), means, covariance, root, one.stretch_sd, one.rest_variance)


def floored(covariance: FloatArray, floor: float) -> tuple[FloatArray, FloatArray]:
    """The same covariance with no direction much narrower than the floor, and its lower triangle."""
    covariance = (covariance + covariance.T) / 2
    try:
        root = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
        if np.diag(root).min() ** 2 > floor:
            return covariance, root
    except np.linalg.LinAlgError:
        pass
    values, vectors = np.linalg.eigh(covariance)
    covariance = (vectors * np.maximum(values, floor)) @ vectors.T
    return covariance, np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)


def sum_of_columns(table: npt.NDArray[np.floating]) -> FloatArray:
    """Sum of each row in double precision, column by column: with few columns a tenth of the time of row by row.

    >>> sum_of_columns(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])).tolist()
    [6.0, 15.0]
    """
    total = table[:, 0].astype(np.float64)
    for column in table.T[1:]:
        total += column
    return total


def sum_of_rows(table: FloatArray) -> FloatArray:
    """Sum of each row, to the last bit as numpy's; with fewer than eight columns, which numpy adds up one by one too,
    in half of the time.

    >>> sum_of_rows(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])).tolist()
    [6.0, 15.0]
    """
    return sum_of_columns(table) if table.shape[1] < 8 else np.asarray(table.sum(axis=1))


def largest_of_columns(table: FloatArray) -> FloatArray:
    """Largest entry of each row: with few columns column by column, which takes a tenth of the time of row by row.

    >>> largest_of_columns(np.array([[1.0, 7.0, 3.0], [4.0, 5.0, 6.0]])).tolist()
    [7.0, 6.0]
    """
    if table.shape[1] > _FEW_COLUMNS:
        return np.asarray(table.max(axis=1))
    largest = table[:, 0].copy()
    for column in table.T[1:]:
        np.maximum(largest, column, out=largest)
    return largest


def blocks(n: int) -> list[slice]:
    return [slice(begin, min(begin + _BLOCK, n)) for begin in range(0, n, _BLOCK)]
