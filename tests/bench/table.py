"""A table of measured figures beside their targets. Knows nothing of what was measured."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Figure", "p95", "p99", "print_table"]


def p95(samples: Sequence[float]) -> float:
    """The 95th percentile, nearest rank."""
    return sorted(samples)[math.ceil(0.95 * len(samples)) - 1]


def p99(samples: Sequence[float]) -> float:
    """The 99th percentile, nearest rank."""
    return sorted(samples)[math.ceil(0.99 * len(samples)) - 1]


_STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "min": min,
    "median": statistics.median,
    "p95": p95,
    "p99": p99,
    "max": max,
}


@dataclass(frozen=True)
class Figure:
    """One row: what was measured, and how much is wanted at most."""

    name: str
    target: float
    unit: str
    samples: Sequence[float]
    statistic: str = "median"

    @property
    def value(self) -> float:
        return _STATISTICS[self.statistic](self.samples)


def print_table(figures: Sequence[Figure]) -> None:
    width = max(len(figure.name) for figure in figures)
    print(
        f"{'figure':<{width}}  {'target':>12}  {'measured':>12}  {'of':<6}  {'min':>8}  {'max':>8}  {'n':>4}"
    )
    for f in figures:
        mark = " " if f.value <= f.target else "  <-- misses"
        print(
            f"{f.name:<{width}}  {f'<= {f.target:g} {f.unit}':>12}  {f'{f.value:.1f} {f.unit}':>12}  "
            f"{f.statistic:<6}  {min(f.samples):>8.1f}  {max(f.samples):>8.1f}  {len(f.samples):>4}{mark}"
        )
