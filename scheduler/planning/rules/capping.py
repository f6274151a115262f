"""The power cap a refusal for watts proposes (rule R14): a lower draw is the only change that needs nothing else."""

from collections.abc import Iterator

from fabric.topology import DeviceClassFacts
from scheduler.refusals import Suggestion

CAP_SHARE_MIN = 0.5  # of the TDP: makers let a card be held to about half of it, the catalogue does not say how far


def cap(facts: DeviceClassFacts, watts: int) -> Iterator[Suggestion]:
    """Nothing for what has no cap to set, and nothing so low that no card could be held to it."""
    if facts.is_accelerator and watts >= facts.tdp_w * CAP_SHARE_MIN:
        yield Suggestion("power_cap", f"Hold each {facts.name} to {watts:,} W.", watts)
