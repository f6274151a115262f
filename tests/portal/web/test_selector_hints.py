"""While a selector is typed: what it matches in the pool, where it is wrong, and what may come next."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.portal.cast import A100, H100, Cast
from tests.portal.web.world import booked, send


def asked(people: Cast, selector: str, **more: str) -> dict[str, Any]:
    query = urlencode({"pool": "lab", "selector": selector, **more})
    response = people.browser("bob").get(f"/reservations/selector/?{query}")
    assert response.status_code == 200
    return {name: response.context[name] for name in ("matches", "completion")}


def words(text: object) -> str:
    return str(text).replace("\u00a0", " ")


def test_it_counts_what_matches_and_what_of_it_is_free(people: Cast) -> None:
    matches = asked(people, "device.kind == 'gpu' && device.memory_gib >= 80")["matches"]

    assert words(matches.words) == "Matches 2 classes, 12 devices, 12 free now."
    assert matches.classes == ("NVIDIA A100 PCIe 80GB: 4 of 4 free", "NVIDIA H100 NVL 94GB: 8 of 8 free")


def test_what_is_held_now_is_not_free(people: Cast) -> None:
    body = {"mix": [{"lines": [{"device_class": H100, "count": 4}]}], "duration_minutes": 60}
    booked(people.alice, **{**body, "starts_at": None, "ends_at": None})

    matches = asked(people, "device.memory_gib == 94")["matches"]

    assert words(matches.words) == "Matches 1 class, 8 devices, 4 free now."


def test_slices_and_a_cap_narrow_it(people: Cast) -> None:
    assert words(asked(people, "device.kind == 'gpu'", profile="3g.40gb")["matches"].words) == (
        "Matches 1 class, 4 devices, 4 free now."
    )
    assert words(asked(people, "device.kind == 'gpu'", power_cap_w="380")["matches"].words) == (
        "Matches 1 class, 8 devices, 8 free now."
    )


@pytest.mark.parametrize(
    ("selector", "before", "word", "after", "message"),
    [
        ("device.kind = 'gpu'", "device.kind ", "=", " 'gpu'", "“=”: write == to compare."),
        (
            "device.memroy_gib > 1",
            "device.",
            "memroy_gib",
            " > 1",
            "A device has no attribute “memroy_gib”; the nearest is “memory_gib”.",
        ),
        ("device.kind ==", "device.kind ==", "", "", "A value is expected here, not the end."),
    ],
)
def test_it_says_where_a_selector_is_wrong(
    people: Cast, selector: str, before: str, word: str, after: str, message: str
) -> None:
    error = asked(people, selector)["matches"].error

    assert (error.before, error.word, error.after, error.message) == (before, word, after, message)


def test_it_offers_the_values_of_this_pool(people: Cast) -> None:
    found = asked(people, "device.pru == ", at="14")["completion"]

    assert [option.text for option in found.options] == ["'pru-01'", "'pru-02'"]
    assert (found.starts_at, found.ends_at) == (14, 14)


@pytest.mark.parametrize("more", [{"at": "x"}, {"at": "-4"}, {"at": "9" * 30}, {"power_cap_w": "much"}])
def test_nonsense_beside_a_selector_is_no_fault_of_ours(people: Cast, more: dict[str, str]) -> None:
    assert words(asked(people, "device.kind == 'gpu'", **more)["matches"].words) == (
        "Matches 3 classes, 24 devices, 24 free now."
    )


@pytest.mark.parametrize("pool", ["", "moon"])
def test_a_pool_nobody_knows_is_not_there(people: Cast, pool: str) -> None:
    assert people.browser("bob").get(f"/reservations/selector/?pool={pool}").status_code == 404


def test_markup_in_a_selector_is_text(people: Cast) -> None:
    query = urlencode({"pool": "lab", "selector": "<script>alert(1)</script>"})

    text = people.browser("bob").get(f"/reservations/selector/?{query}").content.decode()

    assert "<script>" not in text
    assert "&lt;" in text


def test_without_scripts_the_check_shows_the_same(people: Cast) -> None:
    line = {"group__0__line__0__device_class": "", "group__0__line__0__selector": "device.memory_gib >= 90"}

    page = send(people.browser("alice"), action="check", **line)

    matches = page.context["form"].groups[0].lines[0].selector.matches
    assert words(matches.words) == "Matches 1 class, 8 devices, 8 free now."
    assert "8 free now." in page.content.decode()


def test_slices_and_caps_are_those_of_the_class(people: Cast) -> None:
    line = (
        send(people.browser("alice"), action="refresh", group__0__line__0__device_class=A100)
        .context["form"]
        .groups[0]
        .lines[0]
    )

    profiles = [option.value for option in line.profile.options]
    assert profiles[0] == ""
    assert "3g.40gb" in profiles
    assert (line.cap.most, line.cap.steps) == ("300", (270, 240, 210, 180, 150))
