"""What schemathesis calls around every call of ours: it counts the answers, and does not get in its own way.

It would revoke its own token, and say the same Idempotency-Key with another body nearly every time, which is refused
before the body is read. So the token's name is changed, and the key too, but now and then. And where it goes from state
to state it begins with what the schema shows as an example, as a mix made by chance is hardly ever granted.

What a walk made as an operator it goes on with as one.

Its two threads parse code (to name a lambda), which Python 3.11 now and then answers with a SystemError where one
is interrupted by the other: they take turns.

Loaded by the Python of the `contract` environment, by the name in SCHEMATHESIS_HOOKS.
"""

import ast
import atexit
import json
import os
import re
from collections import Counter
from itertools import count
from pathlib import Path
from threading import RLock
from typing import Any

import schemathesis

OWN_PREFIXES = {os.environ[name].split("_")[1] for name in ("HEDDLE_TOKEN", "HEDDLE_OPERATOR_TOKEN")}
NOBODYS_PREFIX = "000000000000"
KEY = "Idempotency-Key"
KEPT_EVERY = 20  # calls with a key that was said before
KEY_CHARS_MAX = 255
CREATED = 201
VALID_KEY = re.compile(r"[!-~]([ -~]{,253}[!-~])?")
OPERATORS_OWN = {"make_operators_webhook"}
_counts: Counter[str] = Counter()
_operators: set[str] = set()
_keys: Counter[str] = Counter()
_total = count()
_turn = RLock()
_parse = ast.parse


def before_call(context: object, case: Any, kwargs: dict[str, Any]) -> None:
    if case.path_parameters and case.path_parameters.get("prefix") in OWN_PREFIXES:
        case.path_parameters["prefix"] = NOBODYS_PREFIX
    if takes_example(case) and (shown := examples_of(case)):
        case.body = shown[next(_total) % len(shown)]
    if case.headers and KEY in case.headers:
        case.headers[KEY] = another(str(case.headers[KEY]))
    if case.path_parameters and case.path_parameters.get("code") in _operators:
        said = {"Authorization": f"Bearer {os.environ['HEDDLE_OPERATOR_TOKEN']}"}
        kwargs["headers"] = {**(kwargs.get("headers") or {}), **said}


def takes_example(case: Any) -> bool:
    """A valid body that begins a walk, and not one that a link has made of an answer."""
    meta = case.meta
    is_made_by_chance = isinstance(case.body, dict) and "mix" in case.body and "{" not in case.operation.path
    return is_made_by_chance and meta is not None and meta.phase.name.value == "stateful" and not (
        meta.generation.mode.is_negative
    )  # fmt: skip


def examples_of(case: Any) -> list[Any]:
    content = case.operation.definition.raw["requestBody"]["content"]["application/json"]
    return [example["value"] for example in content.get("examples", {}).values()]


def another(key: str) -> str:
    """A key that was not said before, of the same length if it was a long one; what is no key is left as it is.

    The first time, and every so often, it is the same.
    """
    nth = next(_total)
    _keys[key] += 1
    if _keys[key] == 1 or nth % KEPT_EVERY == 0 or not VALID_KEY.fullmatch(key):
        return key
    end = f"-{nth}"
    return key[: KEY_CHARS_MAX - len(end)] + end


def after_call(context: object, case: Any, response: Any) -> None:
    name = case.operation.definition.raw["operationId"]
    _counts[f"{name} {response.status_code}"] += 1
    if name in OPERATORS_OWN and response.status_code == CREATED:
        _operators.add(response.json()["code"])


def parsed(*arguments: Any, **options: Any) -> Any:
    with _turn:
        return _parse(*arguments, **options)


def tell() -> None:
    """Beside what an earlier run has counted."""
    counts = Path(os.environ["HEDDLE_COUNTS"])
    before = Counter(json.loads(counts.read_text(encoding="utf-8"))) if counts.exists() else Counter()
    counts.write_text(json.dumps(before + _counts), encoding="utf-8")


ast.parse = parsed
schemathesis.hook(before_call)
schemathesis.hook(after_call)
atexit.register(tell)
