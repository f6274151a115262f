"""The documents say what the code does, as far as a machine can tell."""

from pathlib import Path

import pytest
from django.core.management import get_commands

from portal.runtime.commands import OWN
from tests.architecture import rules_documents as rules
from tests.architecture.tree import CHECKOUT, ROOMS, sources, texts

DOCUMENTS = ("*.md", "docs/**/*.md", "deploy/**/*.md")
EVERYTHING_SAID = (*DOCUMENTS, "deploy/**/*")


def code() -> str:
    return "\n".join(module.text for module in sources(*ROOMS))


def document(place: str) -> str:
    return (CHECKOUT / place).read_text(encoding="utf-8")


def test_no_link_is_dead() -> None:
    assert rules.dead_links(texts(*DOCUMENTS), checkout=CHECKOUT) == []


def test_every_file_that_is_named_is_there() -> None:
    assert rules.missing_files(texts(*DOCUMENTS), checkout=CHECKOUT) == []


def test_every_word_of_the_glossary_is_in_the_code() -> None:
    assert rules.unknown_words(document("docs/glossary.md"), code=code()) == []


def test_every_command_that_is_named_is_there() -> None:
    known = {*OWN, *get_commands()}

    assert rules.unknown_commands(texts(*EVERYTHING_SAID), known=known) == []


def test_every_variable_that_is_named_is_read() -> None:
    """By the house or by the client, which is another package."""
    programs = "\n".join(module.text for module in sources("client"))

    assert rules.unknown_variables(texts(*EVERYTHING_SAID), code=code() + programs) == []


def test_every_dependency_has_a_reason() -> None:
    reasons, asked = rules.argued_and_asked(
        document("docs/decisions/dependencies.md"), [text for _, text in texts("requirements/*.in")]
    )

    assert reasons == asked


def test_every_decision_is_listed() -> None:
    written = {path.name for path in (CHECKOUT / "docs/decisions").glob("*.md")} - {"README.md"}

    assert set(rules.LINK.findall(document("docs/decisions/README.md"))) == written


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").touch()
    text = "[a](there.md#part) [b](gone.md) [c](https" + "://example.org)"

    assert rules.dead_links([("README.md", text)], checkout=tmp_path) == ["README.md → gone.md"]


def test_a_file_that_is_not_there_is_found(tmp_path: Path) -> None:
    assert rules.missing_files([("a.md", "see `fabric/gone.py`")], checkout=tmp_path) == ["a.md names fabric/gone.py"]


@pytest.mark.parametrize(
    ("name", "unknown"), [("Pool", []), ("Pool.lost", ["Pool.lost"]), ("Lost", ["Lost"]), ("generation", [])]
)
def test_a_word_that_is_not_in_the_code_is_found(name: str, unknown: list[str]) -> None:
    glossary = f"| Word | In code | Meaning |\n|---|---|---|\n| a word | `{name}` | something |\n"

    assert rules.unknown_words(glossary, code="class Pool:\n    generation = 1\n") == unknown


def test_a_command_that_is_not_there_is_found() -> None:
    assert rules.unknown_commands([("a.md", "python3 manage.py fly")], known={"up"}) == ["a.md: fly"]


def test_a_variable_that_nobody_reads_is_found() -> None:
    said = [("a.md", "set HEDDLE_NOTHING and DATABASE_URL")]

    assert rules.unknown_variables(said, code='os.environ["DATABASE_URL"]') == ["a.md: HEDDLE_NOTHING"]


def test_packages_are_told_apart_from_comments_and_options() -> None:
    reasons = "| Package | Why |\n|---|---|\n| django | the frame |\n"
    requirements = ["# django is the frame\n-r run.in\nDjango>=5.2,<5.3\ncelery[redis]>=5.7\n"]

    assert rules.argued_and_asked(reasons, requirements) == ({"django"}, {"django", "celery"})
