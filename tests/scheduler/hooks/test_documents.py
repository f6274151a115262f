"""docs/webhooks.md says what is so: its receiver accepts what we sign, and its table is the schedule."""

import re
from typing import Any

from portal.runtime.paths import CHECKOUT
from scheduler.hooks.schedule import WAITS
from scheduler.hooks.signing import SECRET_BYTES, secret_text, signed_headers

TEXT = (CHECKOUT / "docs/webhooks.md").read_text(encoding="utf-8")
UNITS = {"s": 1, "min": 60, "h": 3_600}
OLD, NEW = (secret_text(bytes([nth]) * SECRET_BYTES) for nth in (1, 2))


def test_the_receiver_that_is_written_down_accepts_ours_and_nothing_else() -> None:
    [code] = re.findall(r"```python\n(import base64.*?)```", TEXT, re.DOTALL)
    there: dict[str, Any] = {}
    exec(code, there)  # as whoever copies it does
    body = b'{"type":"webhook.test"}'
    headers = dict(signed_headers(message_id="msg_1", timestamp=1_904_904_000, body=body, secrets=[NEW, OLD]))

    judged = [there["is_ours"](secret, headers, body) for secret in (NEW, OLD)]
    changed = [
        there["is_ours"](NEW, headers, body + b" "),
        there["is_ours"](NEW, headers | {"webhook-id": "msg_2"}, body),
        there["is_ours"](secret_text(bytes(SECRET_BYTES)), headers, body),
    ]

    assert (judged, changed) == ([True, True], [False, False, False])


def test_the_waits_of_the_table_are_those_of_the_schedule() -> None:
    [row] = re.findall(r"^\| Wait \| (.*) \|$", TEXT, re.MULTILINE)
    waits = [int(number) * UNITS[unit] for number, unit in (cell.split() for cell in row.split(" | "))]

    assert waits == [int(wait.total_seconds()) for wait in WAITS]
