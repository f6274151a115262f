"""Read what an agent tells: a pool, and how busy blocks of it were. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler import limits
from scheduler.reading import Reader, clean_text
from scheduler.refusals import Invalid

FIELDS = frozenset({"pool", "source", "samples"})
SAMPLE_FIELDS = frozenset({"block", "at", "percent"})
PERCENT_MAX = 100
CODE_CHARS_MAX = SOURCE_CHARS_MAX = 64
AHEAD = timedelta(minutes=2)  # that an agent's clock may be before ours
PAST = timedelta(hours=24)  # that an agent may have kept them for


@dataclass(frozen=True, slots=True)
class Sample:
    """Mean activity of one block since the sample before, in percent."""

    block: str
    at: datetime
    percent: int


@dataclass(frozen=True, slots=True)
class Telemetry:
    pool: str
    source: str
    samples: tuple[Sample, ...]


def parse_telemetry(payload: object, *, now: datetime) -> Telemetry:
    """Raises Invalid with all field errors."""
    reader = Reader()
    body = reader.mapping(payload, "", FIELDS)
    pool = clean_text(reader, body.get("pool"), "pool", longest=CODE_CHARS_MAX)
    source = clean_text(reader, body.get("source", ""), "source", longest=SOURCE_CHARS_MAX)
    items = reader.items(body.get("samples"), "samples", limits.UTILISATION_SAMPLES_MAX)
    samples = tuple(_sample(reader, item, f"samples[{at}]", now) for at, item in enumerate(items))
    if reader.errors:
        raise Invalid(reader.errors)
    return Telemetry(pool, source, samples)


def _sample(reader: Reader, item: object, path: str, now: datetime) -> Sample:
    body = reader.mapping(item, path, SAMPLE_FIELDS)
    at = reader.moment(body.get("at"), f"{path}.at")
    if at is not None and not now - PAST <= at <= now + AHEAD:
        reader.add(f"{path}.at", "out_of_range", "Give a time of the last 24 hours, by a clock that is right.")
    return Sample(
        clean_text(reader, body.get("block"), f"{path}.block", longest=CODE_CHARS_MAX),
        at or now,
        reader.integer(body.get("percent"), f"{path}.percent", 0, PERCENT_MAX),
    )
