"""Who has had less than a fair share of a pool lately, and why. Pure.

Used is what was attached: accelerator-hours, of which half are forgotten after each half-life, day by day of their age.
The factor is Slurm's classic one, two to the power of minus used over entitled: 1 for who used nothing, a half for
who used just what is due, near 0 for who used much more. Who has the higher factor is served earlier.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HALF_LIFE_DAYS = 7  # unless the pool's policy says otherwise
HALF_LIFE_DAYS_MAX = 90
HALF_LIVES_SEEN = 8  # what is older counts less than half a hundredth
WHOLE_PERCENT = 100
DIGITS = 4  # so that the order in which floats were added decides nothing

HoursByAge = Mapping[int, float]  # accelerator-hours by their age in whole days


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareFacts:
    """`hours` as used, `counted` what is left of them; `share` is the part due, `used` the part had, both of 1."""

    factor: float
    share: float
    used: float
    hours: float
    counted: float
    half_life_days: int

    @property
    def reasons(self) -> tuple[str, ...]:
        days = f"{self.half_life_days} day{'s'[: self.half_life_days != 1]}"
        if not self.counted:
            return (f"Entitled to {self.share:.1%} of the pool.", f"Used no accelerator lately: factor {self.factor}.")
        return (
            f"Entitled to {self.share:.1%} of the pool.",
            f"Used {self.hours:,.1f} accelerator-hours; half are forgotten after {days}, so {self.counted:,.1f} count.",
            f"That is {self.used:.1%} of what counts for all projects: factor {self.factor}.",
        )


def half_life_days(policy: Mapping[str, Any]) -> int:
    """`policy` as a pool file has it."""
    days = policy.get("fair_share_half_life_days", HALF_LIFE_DAYS)
    is_days = isinstance(days, int) and not isinstance(days, bool) and 0 < days <= HALF_LIFE_DAYS_MAX
    return days if is_days else HALF_LIFE_DAYS


def counted(hours: HoursByAge, *, half_life: int) -> float:
    """What is left of them, each day's as of its middle."""
    kept = (amount * math.exp2(-(age + 0.5) / half_life) for age, amount in sorted(hours.items()))
    return round(sum(kept), DIGITS)


def shares(percents: Mapping[int, int]) -> Mapping[int, float]:
    """The part due to each, together 1. Who has no percentage divides evenly what the others leave of the whole.

    Where they leave nothing, such a project is due as much as the least of the others.
    """
    open_ones = [project for project, percent in percents.items() if not percent]
    given = sum(percents.values())
    least = min((percent for percent in percents.values() if percent), default=0)
    left = (WHOLE_PERCENT - given) / len(open_ones) if open_ones and given < WHOLE_PERCENT else least
    weights = {project: percent or left for project, percent in percents.items()}
    total = sum(weights.values())
    return {project: weight / total for project, weight in weights.items()}


def factors(
    *, percents: Mapping[int, int], hours: Mapping[int, HoursByAge], half_life: int
) -> Mapping[int, ShareFacts]:
    """By project, of all that have a share in the pool or used it; `hours` has nobody that `percents` has not."""
    due = shares(percents)
    kept = {project: counted(hours.get(project, {}), half_life=half_life) for project in percents}
    total = sum(kept.values())
    return {
        project: _facts(due[project], kept[project], total, sum(hours.get(project, {}).values()), half_life)
        for project in percents
    }


def _facts(share: float, mine: float, total: float, hours: float, half_life: int) -> ShareFacts:
    used = mine / total if total else 0.0
    return ShareFacts(
        factor=round(math.exp2(-used / share), DIGITS),
        share=share,
        used=used,
        hours=hours,
        counted=mine,
        half_life_days=half_life,
    )
