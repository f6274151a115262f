"""As much of GitHub Actions as our example uses: the steps of one job, with its expressions, in the order they stand.

https://docs.github.com/actions/reference/workflow-syntax-for-github-actions: `shell: bash` is run as SHELL_OPTIONS say;
a step whose `if` says nothing of `always()` is left out once one has failed; what a step appends to `$GITHUB_ENV` is
the environment of those after it. A step that `uses` something is only looked at.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.docs.living import Living, Ran

SHELL_OPTIONS = ("--noprofile", "--norc", "-eo", "pipefail")
_EXPRESSION = re.compile(r"\$\{\{\s*(\w+)\.(\w+)\s*\}\}")
_IS_SET = re.compile(r"env\.(\w+) != ''")


@dataclass
class Job:
    """`contexts` are `vars`, `secrets` and `github` by their names."""

    steps: list[dict[str, Any]]
    env: dict[str, str]
    ran: dict[str, Ran] = field(default_factory=dict)
    failed: bool = False

    def run(self, *, living: Living, place: Path) -> None:
        kept = place / "github-env"
        kept.touch()
        for number, step in enumerate(self.steps):
            if "run" not in step or not self._is_wanted(step.get("if", "")):
                continue
            script = place / f"step-{number}.sh"
            script.write_text(step["run"], encoding="utf-8")
            env = {**self.env, "GITHUB_ENV": str(kept)}
            done = living.run(script, place=place, options=SHELL_OPTIONS, **env)
            self.ran[step["name"]] = done
            self.failed = self.failed or done.status != 0
            self.env |= dict(line.split("=", 1) for line in kept.read_text(encoding="utf-8").splitlines())

    def _is_wanted(self, condition: str) -> bool:
        """Conditions joined by `&&`; anything else than the two we use is an error, so that nothing is guessed."""
        parts = [part.strip() for part in condition.split("&&") if part.strip()]
        if self.failed and "always()" not in parts:
            return False
        return all(self._holds(part) for part in parts if part != "always()")

    def _holds(self, part: str) -> bool:
        found = _IS_SET.fullmatch(part)
        assert found is not None, f"a condition that is not understood: {part}"
        return self.env.get(found[1], "") != ""


def job_of(workflow: Mapping[str, Any], *, contexts: Mapping[str, Mapping[str, str]]) -> Job:
    (job,) = workflow["jobs"].values()
    assert job["defaults"]["run"]["shell"] == "bash", "what the options of the shell hang on"
    env = {name: _EXPRESSION.sub(lambda found: contexts[found[1]][found[2]], text) for name, text in job["env"].items()}
    assert all("${{" not in str(step.get("run", "")) for step in job["steps"]), "a script has no expressions in it"
    return Job(steps=list(job["steps"]), env=env)
