"""What was read of each block when it was given back: the record that it is gone and clean, or why that is in doubt."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.web.present.states import Pill
from portal.web.present.words import NBSP, duration, setting_words
from scheduler.queries.reservation_detail import ProofDetail

TENTHS_SECONDS_MAX = 60  # what takes longer is told to the second
_PROVEN, _ACCEPTED, _DOUBTED = Pill("Proven", "ok"), Pill("Accepted", "warn"), Pill("Not proven", "bad")


@dataclass(frozen=True, slots=True)
class ProofView:
    """`read` is what the fabric showed at the end, `before` while it was attached; "" where it was not kept."""

    block: str
    name: str
    where: str
    pill: Pill
    at: datetime
    method: str
    serial: str
    read: str
    before: str
    note: str  # who settled it later, and why


def proof_views(proofs: Iterable[ProofDetail]) -> tuple[ProofView, ...]:
    """By node and block; of a block that was given back twice, by the attempt too."""
    ordered = sorted(proofs, key=lambda one: (one.node, one.generation, one.block))
    return tuple(_view(proof) for proof in ordered)


def proven_counts(proofs: Iterable[ProofDetail]) -> tuple[int, int]:
    """How many blocks are proven, of how many given back; the last proof of a block counts."""
    last = {proof.block: proof.is_proven for proof in proofs}
    return sum(last.values()), len(last)


def _view(proof: ProofDetail) -> ProofView:
    facts = proof.evidence
    after = _mapping(facts.get("seen")) or facts  # what was read when somebody settled it later
    return ProofView(
        block=proof.block,
        name=proof.device_class_name,
        where=f"Node {proof.node + 1}" + (f", attempt {proof.generation}" if proof.generation > 1 else ""),
        pill=_ACCEPTED if facts.get("accepted_by") else _PROVEN if proof.is_proven else _DOUBTED,
        at=proof.observed_at,
        method=_method(facts),
        serial=str(facts.get("serial") or after.get("serial") or ""),
        read=_read(after),
        before=_read(_mapping(facts.get("before"))),
        note=_note(facts),
    )


def _method(facts: Mapping[str, Any]) -> str:
    """`NVMe sanitize, block erase · 12 s`."""
    seconds = float(facts.get("seconds") or 0)
    brief = f"{seconds:.1f}{NBSP}s" if seconds else ""
    took = brief if seconds < TENTHS_SECONDS_MAX else duration(timedelta(seconds=seconds))
    return " · ".join(part for part in (str(facts.get("method") or ""), took) if part)


def _read(seen: Mapping[str, Any]) -> str:
    """What a person would say of it: `attached to nothing, clean, as it comes, healthy`."""
    if not seen:
        return ""
    if seen.get("is_shown") is False:
        return "not shown by the fabric"
    told = [_place(seen)] if "tag" in seen else []
    if "is_clean" in seen:
        told.append("clean" if seen["is_clean"] else "not clean")
    if "setting" in seen:
        told.append(_setting(seen["setting"]))
    if "health" in seen:
        told.append("healthy" if seen["health"] == "ok" else f"reports {seen['health']}")
    return ", ".join(told)


def _setting(read: object) -> str:
    setting = _mapping(read)
    if isinstance(read, str):
        return read
    return setting_words(_mapping(setting.get("layout")), setting.get("power_cap_w")) or "as it comes"


def _place(seen: Mapping[str, Any]) -> str:
    return f"on {seen.get('host')} as {seen['tag']}" if seen["tag"] else "attached to nothing"


def _note(facts: Mapping[str, Any]) -> str:
    """Who settled it later, and why."""
    for name, words in (("accepted_by", "vouched for it"), ("proven_again_by", "had it read again")):
        if facts.get(name):
            return f"{facts[name]} {words}: {facts.get('reason', '')}"
    return ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
