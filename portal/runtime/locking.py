"""`manage.py lock`: the locks from their `.in` files, for every Python we support, naming no registry."""

import argparse
import subprocess
import sys

from portal.runtime import paths

OPTIONS = (
    "--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-header",
    "--no-emit-index-url", "--no-emit-find-links", "--quiet",
)  # fmt: skip
CONSTRAINED_BY = {"uv": None, "run": None, "dev": "run", "e2e": "dev", "validators": None, "contract": None}


def main(*, command: str, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog=f"manage.py {command}", description="Bring requirements/*.lock up to date.")
    parser.add_argument("--upgrade", action="store_true", help="to the newest versions that the .in files allow")
    options = parser.parse_args(arguments)
    for name, wider in CONSTRAINED_BY.items():
        constraint = ["--constraints", f"{wider}.lock"] if wider else []
        newest = ["--upgrade"] if options.upgrade else []
        compile_one = [
            sys.executable,
            "-m",
            "uv",
            "pip",
            "compile",
            f"{name}.in",
            "-o",
            f"{name}.lock",
            *OPTIONS,
            *constraint,
            *newest,
        ]
        code = subprocess.run(compile_one, cwd=paths.CHECKOUT / "requirements", check=False).returncode
        if code:
            return code
    return 0
