"""How long an act takes: log-normal through a median and a 95th percentile, the same for the same seed. Pure."""

import math
import random
from collections.abc import Mapping

P95_SIGMAS = 1.6448536269514722  # the 95th percentile of a normal distribution, in standard deviations


def draw_seconds(*, spread: Mapping[str, float], seed: str) -> float:
    """One draw, seconds, to the millisecond. `spread` has p50 and p95, as `bind_seconds` of a pool file."""
    median = spread["p50"]
    if median <= 0:
        return 0.0
    sigma = math.log(max(spread["p95"], median) / median) / P95_SIGMAS
    return round(random.Random(seed).lognormvariate(math.log(median), sigma), 3)
