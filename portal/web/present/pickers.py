"""The classes of a pool to pick from: what is free of each now, what it is made of, what it costs an hour. Pure."""

from collections import defaultdict
from collections.abc import Iterable

from fabric.topology import DeviceClassFacts
from portal.web.present.booking_views import PickGroup, PickOption
from portal.web.present.words import NBSP, plural, rate_money, watts
from scheduler.planning.rates import Tariff
from scheduler.queries.stock import StockRow

_KINDS = {"gpu": "GPUs", "xpu": "Other accelerators", "fpga": "FPGAs", "nvme": "NVMe drives", "nic": "NICs"}
_ELSE = "Other devices"
_ORDER = (*_KINDS.values(), _ELSE)
_FORMS = {
    "pcie_fhfl_2slot": "two-slot card",
    "pcie_fhfl_1slot": "one-slot card",
    "pcie_hhhl_1slot": "small card",
    "pcie_fhhl_1slot": "short card",
    "e3s_or_u2": "E3.S or U.2 drive",
    "e3s_2t": "E3.S module",
    "oam": "OAM board",
}


def pick_groups(rows: Iterable[StockRow], *, chosen: str) -> tuple[PickGroup, ...]:
    """By kind in the order people look for them; a choice the pool has not is kept, and said to be so."""
    found: defaultdict[str, list[PickOption]] = defaultdict(list)
    for row in rows:
        found[_KINDS.get(row.facts.kind, _ELSE)].append(_option(row, chosen))
    if chosen and not any(option.is_chosen for options in found.values() for option in options):
        strange = f"{chosen} (not in this pool)"
        found[_ELSE].append(PickOption(chosen, strange, True, strange, "none here", "", "", is_gone=True))
    return tuple(PickGroup(label, tuple(found[label])) for label in _ORDER if found[label])


def facts_words(facts: DeviceClassFacts, profiles: int = 0) -> str:
    """`94 GiB HBM3 · two-slot card · PCIe 5 ×16 · 7 MIG profiles · 400 W`; what is not published is left out."""
    own = facts.attributes
    memory = f"{facts.memory_gib:g}{NBSP}GiB {own.get('memory_type', '')}".strip() if facts.memory_gib else ""
    size = f"{_terabytes(own.get('capacity_gb'))}" if own.get("capacity_gb") else ""
    speed = f"{own['network_gbit_per_s']:g}{NBSP}Gb/s" if own.get("network_gbit_per_s") else ""
    form = str(own.get("form_factor", ""))
    link = (
        f"PCIe{NBSP}{facts.pcie_generation} ×{facts.pcie_lanes}" if facts.pcie_generation and facts.pcie_lanes else ""
    )
    mig = plural(profiles, "MIG profile") if profiles else ""
    told = (memory, size, speed, _FORMS.get(form, form.upper()), link, mig, watts(facts.tdp_w))
    return " · ".join(part for part in told if part)


def rate_words(tariff: Tariff) -> str:
    """`$3.07/h`; `$1.54–$3.07/h` where it depends on the time of day."""
    rates = sorted({rate for rate in (tariff.base, *(band.rate for band in tariff.bands)) if rate is not None})
    if not rates:
        return "not priced"
    return f"{'–'.join(rate_money(rate, 'USD') for rate in dict.fromkeys((rates[0], rates[-1])))}/h"


def _option(row: StockRow, chosen: str) -> PickOption:
    facts = row.facts
    free, price = f"{row.free:,} of {row.total:,} free now", rate_words(row.tariff)
    return PickOption(
        value=facts.code,
        label=f"{facts.name} · {free} · {price}",
        is_chosen=facts.code == chosen,
        name=facts.name,
        free=free,
        facts=facts_words(facts, len(row.profiles)),
        price=price,
        is_gone=not row.free,
    )


def _terabytes(gigabytes: object) -> str:
    return f"{float(str(gigabytes)) / 1000:g}{NBSP}TB"
