"""Whether a pool could grant a shipped preset when nobody holds anything of it. Nothing is written."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from fabric.topology import PoolTopology
from scheduler.mix_parsing import ClassWords
from scheduler.parsing import Vocabulary, parse_request
from scheduler.planning.attempts import attempt
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.shape import Shape
from scheduler.planning.snapshot import QuotaFacts, Snapshot
from scheduler.planning.timeline import Committed, Timeline
from scheduler.presets import ShippedPreset

_ANYBODY = "anybody"  # the project that is asked for: one without ceilings


def reasons(*, presets: Iterable[ShippedPreset], shape: Shape, now: datetime) -> Mapping[str, str]:
    """By code of the preset, the first reason in words, empty where it suits. Found out once for each inventory."""
    return {preset.code: _remembered(preset, shape, now) for preset in presets}


def reason_against(*, preset: ShippedPreset, seen: Snapshot) -> str:
    """From now on, for its typical length as far as the pool allows it."""
    policy = seen.topology.policy
    longest = policy.max_duration_hours * 60
    minutes = min(max(preset.minutes, policy.min_duration_minutes), longest)
    body = {**preset.body, "duration_minutes": minutes, "project": _ANYBODY, "pool": seen.topology.pool}
    words = _words(seen.topology)
    start = seen.now + timedelta(minutes=policy.min_lead_minutes + policy.setup_minutes)
    body["starts_at"] = start.isoformat()
    request = parse_request(body, vocabulary=words, now=seen.now)
    outcome = attempt(request=request, index=PoolIndex(seen))
    return "" if isinstance(outcome, Plan) else outcome[0].message


def _remembered(preset: ShippedPreset, shape: Shape, now: datetime) -> str:
    remembered, key = shape.topology.remembered, ("suits", preset.code)
    if key not in remembered:
        empty = Committed(Timeline(shape.topology, shape=shape))
        seen = Snapshot(shape.topology, generation=0, commitments=empty, quota=QuotaFacts(_ANYBODY), now=now)
        remembered[key] = reason_against(preset=preset, seen=seen)
    return str(remembered[key])


def _words(topology: PoolTopology) -> Vocabulary:
    """Every class the catalogue can hold; whether the pool has it is the planner's question."""
    classes = {code: ClassWords(facts.tdp_w, tuple(facts.mig_profiles)) for code, facts in topology.classes.items()}
    setup = {topology.pool: topology.policy.setup_minutes}
    return Vocabulary(projects={_ANYBODY}, setup_minutes=setup, device_classes=classes)
