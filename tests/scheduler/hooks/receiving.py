"""Start and ask the receiver process."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

PROGRAM = Path(__file__).with_name("receiver.py")


@dataclass(frozen=True)
class Receiving:
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def seen(self) -> list[dict[str, Any]]:
        with urlopen(f"{self.url}/seen") as answer:
            return list(json.load(answer))

    def open(self) -> None:
        urlopen(f"{self.url}/open").close()


@contextmanager
def receiving() -> Iterator[Receiving]:
    with subprocess.Popen([sys.executable, str(PROGRAM)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Receiving(int(process.stdout.readline()))
        finally:
            process.kill()
