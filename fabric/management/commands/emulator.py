"""`manage.py emulator`: look at the emulated fabric's own truth, and make things go wrong on it."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fabric.drivers.base import AS_IT_COMES, CardSetting, DriverError
from fabric.drivers.emulator import faults, mischief, truth
from fabric.drivers.emulator.faults import FaultKind
from fabric.drivers.emulator.seed import set_latency_scale
from fabric.models import Pool
from fabric.services.drivers import emulated_fabric_of, emulator_path_of

VERBS = ("vanish", "come_back", "fail", "withdraw", "heal", "occupy", "reset", "detach", "attach")


class Command(BaseCommand):
    help = "Show the emulated fabric's own truth (show), or switch faults and mischief on it (fault)."

    def add_arguments(self, parser: Any) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        show = actions.add_parser("show", help="blocks, machines, operations, faults, as the fabric knows them")
        fault = actions.add_parser("fault", help="list faults; switch one on or all off; do mischief to a block")
        for one in (show, fault):
            one.add_argument("--pool", help="code of the pool; needed only where there is more than one")
            one.add_argument("--json", action="store_true", help="print JSON")
        _add_fault_arguments(fault)

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        path = self._path(options["pool"])
        try:
            if action == "fault":
                _change(path, options)
            found = truth.show(path=path, now=time.time())
        except (ValueError, DriverError) as error:
            raise CommandError(str(error)) from error
        told = found if action == "show" else {"faults": found["faults"], "settings": found["settings"]}
        self.stdout.write(json.dumps(told, indent=2) if options["json"] else _text(told))

    def _path(self, code: str | None) -> Path:
        """A pool that is driven through a simulator of its fabric has the same file behind it."""
        named = Pool.objects.filter(code=code) if code else Pool.objects.order_by("code")
        pools = [pool for pool in named if _is_emulated(pool)]
        if len(pools) != 1:
            known = ", ".join(Pool.objects.order_by("code").values_list("code", flat=True))
            raise CommandError(f"Name one emulated pool with --pool; there are: {known or 'none'}.")
        return emulated_fabric_of(pools[0])


def _is_emulated(pool: Pool) -> bool:
    return pool.fabric_managers.filter(driver="emulator").exists() or emulator_path_of(pool).exists()


def _add_fault_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--set", choices=[kind.value for kind in FaultKind], help="switch a fault on")
    parser.add_argument("--probability", type=float, default=1.0, help="between 0 and 1, drawn for each call or block")
    parser.add_argument("--block", action="append", default=[], help="only this block; may be repeated")
    parser.add_argument(
        "--operation", default="", help="only this call: compose, decompose, configure, clean, resize, poll, …"
    )
    parser.add_argument("--times", type=int, help="how often; without it until it is cleared")
    parser.add_argument(
        "--factor", type=float, default=faults.SLOW_FACTOR, help="of `slow`; of `in_use` the seconds, 0 for ever"
    )
    parser.add_argument("--clear", nargs="?", const="all", help="switch off all faults, or all of one kind")
    parser.add_argument("--from-pool", action="store_true", help="switch on what the pool file says of its hardware")
    parser.add_argument("--latency-scale", type=float, help="0 makes everything instant, 1 is as the pool file says")
    for verb in VERBS[:-1]:
        parser.add_argument(
            f"--{verb.replace('_', '-')}", metavar="BLOCK", help=f"let a block {verb.replace('_', ' ')}"
        )
    parser.add_argument("--reboot", metavar="HOST", help="let a host start anew")
    parser.add_argument("--attach", nargs=3, metavar=("BLOCK", "HOST", "NAME"), help="somebody else takes a block")


def _change(path: Path, options: dict[str, Any]) -> None:
    """Everything that was asked for, in the order of the help."""
    if options["set"]:
        faults.set_fault(
            path=path,
            kind=FaultKind(options["set"]),
            probability=options["probability"],
            blocks=options["block"],
            operation=options["operation"],
            times=options["times"],
            factor=options["factor"],
        )
    if options["clear"]:
        faults.clear(path=path, kind=None if options["clear"] == "all" else _kind(options["clear"]))
    if options["from_pool"]:
        faults.set_from_pool(path=path)
    if options["latency_scale"] is not None:
        set_latency_scale(path=path, scale=options["latency_scale"])
    for verb in VERBS[:-1]:
        if block := options[verb]:
            act: Callable[..., None] = getattr(mischief, verb)
            act(path=path, block=block, now=time.time())
    if options["reboot"]:
        mischief.reboot(path=path, host=options["reboot"], now=time.time())
    if options["attach"]:
        block, host, name = options["attach"]
        mischief.attach(path=path, block=block, host=host, tag=name, now=time.time())


def _kind(word: str) -> FaultKind:
    """Raises ValueError for a word that is no kind of fault."""
    return FaultKind(word)


def _text(told: dict[str, Any]) -> str:
    """For people: a line a thing, without the past."""
    lines = [f"{name}: {value}" for name, value in told["settings"].items() if name != "inventory_mark"]
    for block in told.get("blocks", []):
        setting = CardSetting(layout=block["layout"], power_cap_w=block["power_cap_w"])
        told_setting = "" if setting == AS_IT_COMES else f"  {setting}"
        place = f"{block['host'] or '-'}  {block['machine'] or '-'}"
        lines.append(f"block {block['code']}  {block['state']}  {place}{told_setting}")
    lines += [f"machine {machine['tag']} on {machine['host']}" for machine in told.get("machines", [])]
    lines += [
        f"operation {op['op_key']}  {op['state']}" for op in told.get("operations", []) if op["state"] == "running"
    ]
    lines += [f"fault {fault['id']}  {fault['kind']}  p={fault['probability']}" for fault in told["faults"]]
    return "\n".join(lines)
