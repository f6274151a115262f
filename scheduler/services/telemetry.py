"""Keep what agents tell of how busy devices are. Telling it twice is telling it once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fabric.models import Pool, ResourceBlock
from scheduler import limits
from scheduler.models import Utilisation
from scheduler.telemetry_parsing import Sample

UNKNOWN_NAMED_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`unknown` are the first codes of blocks that this pool does not have; their samples are passed over."""

    taken: int
    unknown: tuple[str, ...]


def keep_samples(*, pool: Pool, samples: Sequence[Sample], source: str) -> Kept:
    """Two queries. Of two samples of one block at one moment the first one stays."""
    codes = {sample.block for sample in samples}
    ids = dict(ResourceBlock.objects.filter(pool=pool, code__in=codes).values_list("code", "pk"))
    rows = [
        Utilisation(block_id=ids[sample.block], at=sample.at, percent=sample.percent, source=source)
        for sample in samples
        if sample.block in ids
    ]
    Utilisation.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
    return Kept(taken=len(rows), unknown=tuple(sorted(codes - ids.keys())[:UNKNOWN_NAMED_MAX]))


def forget_samples(*, now: datetime) -> int:
    """Those that are older than UTILISATION_DAYS."""
    old = Utilisation.objects.filter(at__lt=now - timedelta(days=limits.UTILISATION_DAYS))
    return int(old._raw_delete(old.db))
