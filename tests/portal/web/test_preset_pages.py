"""Presets on pages: cards to begin from, what is typed saved as one, removed and brought back."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from fabric.models import ResourceBlock
from fabric.services.generation import move_generation
from scheduler.models import JournalEntry, Preset, Reservation
from tests.portal.cast import H100, L40S, Cast
from tests.portal.web.world import errors_of, typed

SHIPPED = ["llm-serving", "fine-tune", "big-memory", "inference-burst", "storage-heavy"]
PLACE = "/projects/team-chat/presets/"


def save(browser: Client, name: str = "Nightly", **changed: str) -> HttpResponse:
    return browser.post(
        PLACE, {**typed(**changed), "action": "save", "preset_name": name, "preset_purpose": "At night."}
    )


def cards(browser: Client, query: str = "") -> list[tuple[str, list[str]]]:
    shelves = browser.get(f"/reservations/new/{query}").context["shelves"]
    return [(shelf.project, [card.code for card in shelf.cards]) for shelf in shelves]


def test_an_empty_builder_begins_with_what_one_may_want_to_run(people: Cast) -> None:
    page = people.browser("alice").get("/reservations/new/")

    assert [card.code for card in page.context["shelves"][0].cards] == SHIPPED
    assert "What do you want to run?" in page.content.decode()


def test_a_card_says_what_it_would_take_here(people: Cast) -> None:
    shelf = people.browser("alice").get("/reservations/new/").context["shelves"][0]

    told = {
        card.code: (card.contents.replace("\u00a0", " "), card.length.replace("\u00a0", " ")) for card in shelf.cards
    }
    assert told == {
        "llm-serving": ("prefill: 4 × NVIDIA L40S 48GB · decode: 4 × NVIDIA H100 NVL 94GB", "8 h"),
        "fine-tune": ("train: 8 × NVIDIA H100 NVL 94GB + 2 × KIOXIA CM7-R NVMe 15.36 TB", "1 d"),
        "big-memory": ("1 × NVIDIA H100 NVL 94GB", "4 h"),
        "inference-burst": ("replica: 2 nodes, 4 × NVIDIA L40S 48GB each", "2 h"),
        "storage-heavy": ("1 × NVIDIA A100 PCIe 80GB + 6 × KIOXIA CM7-R NVMe 15.36 TB", "12 h"),
    }


@pytest.mark.parametrize("code", SHIPPED)
def test_each_fits_as_it_is_filled_in_and_is_booked(people: Cast, code: str) -> None:
    """The quota of the team is twelve accelerators."""
    alice = people.browser("alice")
    page = alice.get(f"/reservations/new/?preset={code}")
    fields = re.findall(r'<(?:input|select)[^>]* name="([^"]+)"', page.content.decode())
    form = page.context["form"]
    sent = {
        name: form.fields[name].value
        for name in ("project", "pool", "zone", "start", "end", "duration", "duration_unit")
    }
    for group in form.groups:
        for one in (group.role, group.nodes, *(c.field for c in group.placement.checks if c.field.is_on)):
            sent[one.name] = one.value
        for line in group.lines:
            for option in (line, *line.others):
                for field in (option.device_class, option.count, option.selector.field):
                    sent[field.name] = field.value

    made = alice.post("/reservations/new/", sent)

    assert set(sent) <= set(fields)
    assert (made.status_code, Reservation.objects.count()) == (302, 1)


def test_once_a_mix_is_typed_there_are_no_cards(people: Cast) -> None:
    alice = people.browser("alice")

    assert cards(alice, f"?device_class={H100}") == []
    assert cards(alice, "?preset=fine-tune") == []


def test_the_times_one_came_with_stay_when_a_card_is_chosen(people: Cast) -> None:
    shelf = people.browser("alice").get("/reservations/new/?starts_at=2030-05-20T10:00:00Z").context["shelves"][0]

    form = people.browser("alice").get(shelf.cards[0].url).context["form"]

    assert (form.fields["start"].value, form.fields["starts_at"].value) == ("at", "2030-05-20T12:00")
    assert (form.preset, form.groups[1].role.value) == ("LLM serving, prefill and decode apart", "decode")


def test_what_this_pool_cannot_grant_is_not_offered_and_says_why(people: Cast) -> None:
    ResourceBlock.objects.filter(slot_kind="bay").update(is_cordoned=True)
    move_generation(pool_ids=[people.pool.pk])

    shelf = people.browser("alice").get("/reservations/new/").context["shelves"][0]

    off = {card.code: card.why_not for card in shelf.cards if not card.url}
    assert off == {
        "fine-tune": "The pool has 0 usable devices that this line matches; 2 are asked for.",
        "storage-heavy": "The pool has 0 usable devices that this line matches; 6 are asked for.",
    }


def test_a_mix_is_saved_for_the_project_and_stays_as_it_was_typed(people: Cast) -> None:
    alice = people.browser("alice")

    answer = save(alice, title="Mine", group__0__p2p="on")

    made = Preset.objects.get()
    assert (made.name, made.purpose, made.project, made.created_by) == (
        "Nightly",
        "At night.",
        people.chat,
        people.alice,
    )
    placement = {"p2p": True}
    mix = [{"role": "", "nodes": 1, "lines": [{"device_class": H100, "count": 2}], "placement": placement}]
    assert made.body == {"mix": mix, "duration_minutes": 120}
    assert (answer.status_code, answer.context["form"].fields["title"].value) == (200, "Mine")
    assert "The preset “Nightly” is saved for Chat service." in answer.content.decode()
    assert cards(people.browser("bob")) == [("", SHIPPED), ("Chat service", [made.code])]
    assert cards(people.browser("charlie")) == [("", SHIPPED)]


def test_a_saved_one_is_filled_in_again(people: Cast) -> None:
    save(people.browser("alice"), group__0__line__0__device_class=L40S, group__0__line__0__count="3")

    form = people.browser("bob").get(f"/reservations/new/?preset={Preset.objects.get().code}").context["form"]

    (only,) = form.groups[0].lines
    assert (only.device_class.value, only.count.value, form.fields["duration"].value) == (L40S, "3", "2")


def test_one_of_a_foreign_project_fills_in_nothing(people: Cast) -> None:
    save(people.browser("alice"))

    page = people.browser("charlie").get(f"/reservations/new/?preset={Preset.objects.get().code}")

    assert (page.context["form"].preset, page.context["form"].groups[0].lines[0].device_class.value) == ("", "")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"preset_name": ""}, [("preset_name", "required")]),
        ({"preset_name": "x" * 121}, [("preset_name", "too_long")]),
        ({"preset_purpose": "<b>x</b>"}, [("preset_purpose", "invalid")]),
        ({"group-0-line-0-count": "0"}, [("mix[0].lines[0].count", "too_small")]),
    ],
)
def test_what_cannot_be_saved_says_why_at_its_field_and_loses_nothing(
    people: Cast, changed: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    body = {**typed(title="Mine"), "preset_name": "Nightly", "preset_purpose": "Why", **changed}

    answer = people.browser("alice").post(PLACE, body)

    form = answer.context["form"]
    assert (answer.status_code, errors_of(answer), form.stray) == (400, expected, ())
    kept = {name: form.fields[name].value for name in ("title", "preset_name", "preset_purpose")}
    assert kept == {name: body[name] for name in kept}
    assert not Preset.objects.exists()


def test_a_name_of_a_preset_is_no_part_of_a_booking(people: Cast) -> None:
    answer = people.browser("alice").post("/reservations/new/", {**typed(), "preset_name": "x", "preset": "fine-tune"})

    assert answer.status_code == 302
    assert "preset" not in Reservation.objects.get().request


def test_one_is_removed_and_comes_back_by_the_way_back(people: Cast) -> None:
    alice = people.browser("alice")
    save(alice)
    first = Preset.objects.get()

    page = alice.post(f"{PLACE}{first.code}/remove/", follow=True).content.decode()
    gone = Preset.objects.count()
    found = re.search(r'name="kept" value="([^"]+)"', page)
    assert found is not None
    alice.post(PLACE, {"kept": found[1]})

    again = Preset.objects.get()
    assert gone == 0
    assert (again.name, again.purpose, again.body) == (first.name, first.purpose, first.body)
    kinds = [entry.kind for entry in JournalEntry.objects.order_by("id")]
    assert kinds == ["preset.saved", "preset.removed", "preset.saved"]


def test_a_mangled_way_back_saves_nothing(people: Cast) -> None:
    answer = people.browser("alice").post(PLACE, {"kept": "nonsense"})

    assert (answer.status_code, Preset.objects.exists()) == (302, False)


def test_one_goes_back_only_to_a_page_of_ours(people: Cast) -> None:
    alice = people.browser("alice")

    answers = [
        alice.post(f"{PLACE}p-22222222/remove/", {"next": where}).headers["Location"]
        for where in ("/reservations/new/", "https://example.org/")
    ]

    assert answers == ["/reservations/new/", "/projects/team-chat/"]


@pytest.mark.parametrize("place", ["nowhere", "https://elsewhere.example/", "//elsewhere.example/", "web:logout"])
def test_one_is_sent_back_to_no_page_but_ours(people: Cast, place: str) -> None:
    answer = people.browser("alice").post(f"{PLACE}p-22222222/remove/", {"next": place})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/projects/team-chat/")
