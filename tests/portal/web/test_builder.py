"""The builder around the form: the plan drawn, alternatives side by side, pickers, placement in words, the way back."""

from portal.web.submitting import new_form_key
from tests.portal.cast import H100, L40S, Cast
from tests.portal.web.world import booked, send, typed


def test_the_check_draws_the_plan_and_says_it_in_words(people: Cast) -> None:
    response = people.browser("alice").post("/reservations/check/", typed(group__0__line__0__count="4"))

    verdict = response.context["verdict"]
    assert verdict.headline.replace("\u00a0", " ") == "It fits · $24.56 · 2,125 W"
    assert verdict.picture.words.replace("\u00a0", " ") == "1 node, 4 devices"
    assert [(line.title, line.sentences[0]) for line in verdict.paths] == [
        ("Node 1", "Pairs of accelerators: 6 behind one switch")
    ]
    text = response.content.decode()
    assert '<figure class="picture' in text
    assert '<span id="checked" hidden data-tone="ok">It fits' in text


def test_alternatives_are_quoted_side_by_side_and_taken_with_one_press(people: Cast) -> None:
    """Nine of eight H100 never fit; of twelve L40S one does, for $1.55 an hour and two hours."""
    form = {"group__0__line__0__count": "9", "group__0__line__0__or__0__device_class": L40S}
    browser = people.browser("alice")

    choices = send(browser, action="check", **form, group__0__line__0__or__0__count="1").context["verdict"].choices
    taken = send(browser, action=choices[1].fill).context["form"].groups[0].lines

    told = [(one.words.replace("\u00a0", " "), one.fits, one.price) for one in choices]
    assert told == [("9 × NVIDIA H100 NVL 94GB", False, "$55.26"), ("1 × NVIDIA L40S 48GB", True, "$3.10")]
    assert choices[0].why_not == "The pool has 8 usable devices of NVIDIA H100 NVL 94GB; 9 are asked for."
    assert [(line.device_class.value, line.count.value, line.others) for line in taken] == [(L40S, "1", ())]


def test_a_mix_without_alternatives_has_none_beside_it(people: Cast) -> None:
    assert send(people.browser("alice"), action="check").context["verdict"].choices == ()


def test_what_was_removed_can_be_brought_back_without_scripts(people: Cast) -> None:
    browser = people.browser("alice")

    gone = send(browser, action="remove-line:0-0").context["form"]
    again = send(browser, action=gone.undo.action, group__0__line__0__device_class="").context["form"]

    assert (gone.undo.words, gone.focus) == (f"The line with {H100} was removed.", "undo-edit")
    assert [line.device_class.value for line in again.groups[0].lines] == [H100, ""]


def test_placement_is_told_in_one_line(people: Cast) -> None:
    asked = {"same_switch": "on", "network": "rdma-1", "rails": "2", "spread": "rack", "host_cores": "64"}
    form = {f"group__0__{name}": value for name, value in asked.items()}

    place = send(people.browser("alice"), action="refresh", **form).context["form"].groups[0].placement

    assert place.words.replace("\u00a0", " ") == (
        "All on one switch · Nodes in different racks · Hosts joined by RDMA network rdma-1, 2 rails · "
        "At least 64 cores"
    )


def test_the_picker_shows_what_is_free_what_it_is_and_what_it_costs(people: Cast) -> None:
    picker = (
        people.browser("alice").get(f"/reservations/new/?device_class={H100}").context["form"].groups[0].lines[0].picker
    )

    told = (picker.chosen.free, picker.chosen.facts.replace("\u00a0", " "), picker.chosen.price)
    assert told == ("8 of 8 free now", "94 GiB HBM3 · two-slot card · PCIe 5 ×16 · 400 W", "$3.07/h")
    assert [group.label for group in picker.groups] == ["GPUs", "NVMe drives", "NICs"]


def test_a_booked_form_tells_the_browser_that_its_draft_is_done(people: Cast) -> None:
    key = new_form_key()

    answer = send(people.browser("alice"), form_key=key)

    cookie = answer.cookies["heddle_booked"]
    assert (cookie.value, cookie["path"], cookie["samesite"]) == (key, "/reservations/new/", "Lax")


def test_an_edit_renews_only_the_form_and_keeps_the_verdict_until_the_next(people: Cast) -> None:
    headers = {"HX-Request": "true", "HX-Target": "booking"}
    browser = people.browser("alice")

    text = browser.post("/reservations/new/", typed(action="add-group"), headers=headers).content.decode()

    assert ("<html" in text, '<div id="verdict" class="verdict" hx-preserve="true">' in text) == (False, True)


def test_who_holds_what_is_busy_is_named_as_far_as_one_may_know_it(people: Cast) -> None:
    """Alice's booking ends at noon, and is given back five minutes later."""
    made = booked(people.alice, title="Nightly", mix=[{"lines": [{"device_class": H100, "count": 8}]}])

    mine = send(people.browser("bob"), action="check").context["verdict"].holders
    foreign = send(people.browser("charlie"), action="check", project="team-research").context["verdict"].holders

    told = [(one.devices.replace("\u00a0", " "), one.name, one.url, one.until) for one in (*mine, *foreign)]
    assert told == [
        ("8 × NVIDIA H100 NVL 94GB", "Nightly, Chat service", f"/reservations/{made.code}/", "Mon 13 May, 12:05"),
        ("8 × NVIDIA H100 NVL 94GB", "Another project", "", "Mon 13 May, 12:05"),
    ]


def test_nobody_is_named_where_it_is_not_for_them_that_it_does_not_fit(people: Cast) -> None:
    booked(people.alice)

    assert send(people.browser("bob"), action="check", group__0__line__0__count="9").context["verdict"].holders == ()
