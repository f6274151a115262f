"""`manage.py lint`: everything that is checked without running the product; all of it, before saying what failed."""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from portal.runtime import paths

TEMPLATES_FOR = "5.2"
IMPORT_LINTER = "import sys; from importlinter.cli import lint_imports_command as check; sys.exit(check())"


def main(*, command: str, arguments: list[str]) -> int:
    argparse.ArgumentParser(prog=f"manage.py {command}", description="Check style, types and imports.").parse_args(
        arguments
    )
    failed = [name for name, check in _checks().items() if not _passes(name, check)]
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _checks() -> dict[str, list[str]]:
    templates = sorted(str(path.relative_to(paths.CHECKOUT)) for path in paths.CHECKOUT.glob("templates/**/*.html"))
    python = sys.executable
    checks = {
        "ruff": [python, "-m", "ruff", "check", "."],
        "format": [python, "-m", "ruff", "format", "--check", "."],
        "mypy": [python, "-m", "mypy"],
        "imports": [python, "-c", IMPORT_LINTER],
    }
    if templates:
        checks["templates"] = [_beside("djade"), "--check", "--target-version", TEMPLATES_FOR, *templates]
    return checks


def _beside(program: str) -> str:
    """A program of our own environment that is no module."""
    return str(Path(sys.executable).parent / program)


def _passes(name: str, check: list[str]) -> bool:
    print(f"– {name}", file=sys.stderr, flush=True)
    began = time.monotonic()
    is_fine = subprocess.run(check, cwd=paths.CHECKOUT, check=False).returncode == 0
    print(f"  {'ok' if is_fine else 'FAILED'} in {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
    return is_fine
