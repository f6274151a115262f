"""Small files, small functions, small templates."""

from tests.architecture import rules_sizes as rules
from tests.architecture.tree import ROOMS, source, sources, texts


def test_no_file_is_longer_than_one_can_keep_in_mind() -> None:
    rooms = (*ROOMS, "client", "tests")
    written = texts("*.py", *(f"{room}/**/*.py" for room in rooms), "static/**/*.js", "static/**/*.css")

    assert rules.long_texts(written, lines_max=rules.FILE_LINES_MAX) == []


def test_no_function_is_longer_than_a_page() -> None:
    assert rules.long_functions(sources(*ROOMS, "client", "tests")) == []


def test_no_template_is_longer_than_two_pages() -> None:
    assert rules.long_texts(texts("templates/**/*.html"), lines_max=rules.TEMPLATE_LINES_MAX) == []


def test_a_file_of_one_line_too_many_is_found() -> None:
    assert rules.long_texts([("a.py", "x\n" * 4)], lines_max=3) == ["a.py has 4 lines, 3 are allowed"]


def test_a_function_of_one_line_too_many_is_found() -> None:
    of_sixty = "def fits():\n" + "    x = 1\n" * 59
    of_sixty_one = "@decorated\ndef late():\n" + "    x = 1\n" * 60

    assert rules.long_functions([source(of_sixty), source(of_sixty_one)]) == [
        "scheduler/sample.py: late has 61 lines, 60 are allowed"
    ]
