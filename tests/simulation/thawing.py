"""Frozen value types pay five times as much for being made; a simulation makes hundreds for each lifecycle.

In processes of the simulation's own they are thawed: same fields, same equality, same hash, and nobody writes to them,
as every other test makes sure of. Never in a process that runs other tests.
"""

import sys
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from functools import partial
from typing import Any

ROOMS = ("fabric.", "scheduler.")


def thaw() -> int:
    """Every frozen value type of the product that is loaded; how many."""
    found = list(_frozen())
    for one in found:
        one.__init__ = _plain_init(one)
        del one.__setattr__
        del one.__delattr__
    copies = {one: _copier(one) for one in found if not hasattr(one, "__post_init__")}

    def quick(value: Any, /, **changes: Any) -> Any:
        copy = copies.get(type(value))
        return replace(value, **changes) if copy is None else copy(value, **changes)

    for name, module in sorted(sys.modules.items()):
        if name.startswith((*ROOMS, "tests.simulation.")) and getattr(module, "replace", None) is replace:
            module.__dict__["replace"] = quick
    return len(found)


def _frozen() -> Iterator[Any]:
    for name, module in sorted(sys.modules.items()):
        for one in vars(module).values() if name.startswith(ROOMS) else ():
            if _is_value(one) and one.__module__ == name and "__setattr__" in vars(one):
                yield one


def _is_value(one: Any) -> bool:
    return isinstance(one, type) and is_dataclass(one) and bool(vars(one)["__dataclass_params__"].frozen)


def _copier(one: Any) -> Any:
    """`dataclasses.replace` for this type alone."""
    known: dict[str, Any] = {"SAME": object(), "make": partial(object.__new__, one)}
    names = [field.name for field in fields(one)]
    lines = [f"    new.{name} = old.{name} if {name} is SAME else {name}" for name in names]
    arguments = "".join(f", {name}=SAME" for name in names)
    exec("\n".join((f"def copy(old, /{arguments}):", "    new = make()", *lines, "    return new")), known)
    return known["copy"]


def _plain_init(one: Any) -> Any:
    """The initialiser that an unfrozen type of these fields would have."""
    known: dict[str, Any] = {"MADE": object()}
    arguments, lines = _signature(one, known), []
    for field in fields(one):
        value = field.name
        if field.default_factory is not MISSING:
            known[f"make_{field.name}"] = field.default_factory
            made = "{}" if field.default_factory is dict else f"make_{field.name}()"
            value = f"{field.name} if {field.name} is not MADE else {made}"
        if field.init:
            lines.append(f"    self.{field.name} = {value}")
    if hasattr(one, "__post_init__"):
        lines.append("    self.__post_init__()")
    exec(f"def __init__(self{arguments}):\n" + "\n".join(lines or ["    pass"]), known)
    return known["__init__"]


def _signature(one: Any, known: dict[str, Any]) -> str:
    """Positional ones first, as they stand in the class; then those by keyword only."""
    wanted = [field for field in fields(one) if field.init]
    by_place = [_argument(field, known) for field in wanted if not field.kw_only]
    by_name = [_argument(field, known) for field in wanted if field.kw_only]
    return "".join(f", {argument}" for argument in (*by_place, *["*"] * bool(by_name), *by_name))


def _argument(field: "Field[Any]", known: dict[str, Any]) -> str:
    if field.default_factory is not MISSING:
        return f"{field.name}=MADE"
    if field.default is MISSING:
        return field.name
    known[f"default_{field.name}"] = field.default
    return f"{field.name}=default_{field.name}"
