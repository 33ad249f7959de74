"""A ratio of two arms, with its spread and its target."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class Ratio:
    """One measurement or one per pair.

    Args:
        name (str): What is divided by what.
        values (Sequence[float]): One ratio per pair.
        at_most (float, optional): The target, where less is better.
        at_least (float, optional): The target, where more is better.
    """

    name: str
    values: Sequence[float]
    at_most: float | None = None
    at_least: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def summary(self) -> dict:
        """Name, median, range, number of pairs, target, whether it is met."""
        met = None
        if self.at_most is not None:
            met = self.median <= self.at_most
        elif self.at_least is not None:
            met = self.median >= self.at_least
        return dict(
            name=self.name,
            median=self.median,
            low=min(self.values),
            high=max(self.values),
            pairs=len(self.values),
            at_most=self.at_most,
            at_least=self.at_least,
            met=met,
        )


def pairwise(over: Sequence[float], under: Sequence[float]) -> list[float]:
    """Quotient of each pair."""
    return [a / b for a, b in zip(over, under, strict=True)]
