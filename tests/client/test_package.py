"""What is installed is whole, stands alone, and asks for no more than it uses."""

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from heddle.cli.app import VERSION

CLIENT = Path(__file__).resolve().parents[2] / "client"
IMPORTED_AS = {"pyyaml": "yaml"}
BLOCKED = ("django", "rest_framework", "portal", "scheduler", "fabric", "psycopg", "celery", "redis", "websockets")
ALONE = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"{{name}} is not installed")

sys.meta_path.insert(0, Blocked())
from heddle.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return tomllib.loads((CLIENT / "pyproject.toml").read_text(encoding="utf-8"))


def modules() -> list[Path]:
    return sorted((CLIENT / "heddle").rglob("*.py"))


def test_it_asks_for_what_it_imports_and_for_nothing_else(described: dict[str, Any]) -> None:
    named = {_name(line) for line in described["project"]["dependencies"]}
    optional = {_name(line) for line in described["project"]["optional-dependencies"]["live"]}

    assert named == {"httpx", "typer", "rich", "pyyaml"}
    assert {IMPORTED_AS.get(name, name) for name in named | optional} == _imported() - set(sys.stdlib_module_names) - {
        "heddle"
    }


def _name(requirement: str) -> str:
    return requirement.partition(">")[0].lower()


def _imported() -> set[str]:
    found: set[str] = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found


def test_every_folder_of_it_is_packed(described: dict[str, Any]) -> None:
    folders = {".".join(path.parent.relative_to(CLIENT).parts) for path in modules()}

    assert set(described["tool"]["setuptools"]["packages"]) == folders
    assert (CLIENT / "heddle/py.typed").exists()


def test_its_versions_are_one(described: dict[str, Any]) -> None:
    agent = (CLIENT / "heddle/carrying.py").read_text(encoding="utf-8")

    assert (described["project"]["version"], f'"heddle-client/{VERSION}"' in agent) == (VERSION, True)


def test_the_command_is_where_the_package_says(described: dict[str, Any]) -> None:
    assert described["project"]["scripts"] == {"heddle": "heddle.cli.main:run"}


def alone(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, where Django and the rest of the product cannot be imported."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CLIENT), "HOME": str(home), "FORCE_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-c", ALONE.format(blocked=BLOCKED), *words],
        env=environment, cwd=home, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_it_runs_where_django_is_not_installed(tmp_path: Path) -> None:
    version, pools = alone("--version", home=tmp_path), alone("pools", home=tmp_path)

    assert (version.returncode, version.stdout, version.stderr) == (0, f"{VERSION}\n", "")
    assert (pools.returncode, pools.stdout) == (5, "")
    assert "\x1b" not in pools.stderr
