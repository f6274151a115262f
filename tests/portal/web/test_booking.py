"""The form books what a program would, loses nothing that was typed, and says every reason why not."""

import re

import pytest

from portal.web.submitting import new_form_key
from scheduler.models import Quota, Reservation
from tests.portal.cast import A100, H100, L40S, NVME, Cast, wish
from tests.portal.web.world import booked, errors_of, send, typed


def test_a_good_form_books_and_shows_the_reservation(people: Cast) -> None:
    response = send(people.browser("alice"))

    made = Reservation.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, f"/reservations/{made.code}/")
    assert (made.project.slug, made.pool.code, made.title, made.created_by) == (
        "team-chat",
        "lab",
        "A test",
        people.alice,
    )


def test_the_same_form_sent_twice_books_once(people: Cast) -> None:
    browser, key = people.browser("alice"), new_form_key()

    answers = [send(browser, form_key=key).headers["Location"] for _ in range(2)]

    assert answers == [f"/reservations/{Reservation.objects.get().code}/"] * 2


def test_a_form_changed_after_it_was_booked_is_another_reservation(people: Cast) -> None:
    browser, key = people.browser("alice"), new_form_key()

    send(browser, form_key=key)
    send(browser, form_key=key, title="Another")

    assert sorted(Reservation.objects.values_list("title", flat=True)) == ["A test", "Another"]


def test_a_hold_is_held(people: Cast) -> None:
    send(people.browser("bob"), hold_minutes="20")

    assert Reservation.objects.get().state == "held"


def test_what_does_not_fit_is_refused_in_words_with_figures_and_nothing_is_lost(people: Cast) -> None:
    response = send(people.browser("alice"), group__0__line__0__count="9", title="Mine < 3")

    text = response.content.decode()
    assert response.status_code == 409
    assert [refusal.code for refusal in response.context["verdict"].refusals] == ["DEVICE_UNAVAILABLE"]
    assert "need 9, have 8 devices" in text
    assert 'data-focus="not-booked"' in text  # the keyboard is led to what went wrong
    assert 'value="Mine &lt; 3"' in text
    assert not Reservation.objects.exists()


def test_the_next_free_start_can_be_filled_in(people: Cast) -> None:
    browser = people.browser("alice")
    send(browser, group__0__line__0__count="8")
    later = send(browser).context["verdict"].offers[0]

    form = send(browser, action=later.fill).context["form"].fields

    assert (later.title, later.words, form["starts_at"].value, form["ends_at"].value) == (
        "Later",
        "Mon 13 May, 12:10 – 14:10",  # ends 12:00, five minutes to clean up, five to set up
        "2030-05-13T12:10",
        "2030-05-13T14:10",
    )
    assert send(browser, starts_at="2030-05-13T12:10", ends_at="2030-05-13T14:10").status_code == 302


def test_everything_that_is_offered_books_with_one_click(people: Cast) -> None:
    """Four of eight H100 are taken from ten to twelve, and nothing ends before the pool's now at eight."""
    browser = people.browser("alice")
    send(browser, group__0__line__0__count="4")
    verdict = send(browser, group__0__line__0__count="8").context["verdict"]

    booked = []
    for offer in (*verdict.offers, *verdict.openings):
        answer = send(browser, action=offer.take)
        made = Reservation.objects.latest("id")
        booked.append((answer.status_code, offer.title, f"{made.starts_at:%H:%M}", made.request["mix"][0]["lines"]))
        browser.post(f"/reservations/{made.code}/cancel/", {"version": made.version})

    all_of, half = [{"device_class": H100, "count": 8}], [{"device_class": H100, "count": 4}]
    assert booked == [
        (302, "Later", "12:10", all_of),
        (302, "Fewer", "10:00", half),
        *[(302, "", start, all_of) for start in ("12:25", "12:40", "12:55", "13:10")],
    ]


def test_an_offer_that_somebody_took_meanwhile_is_refused_and_filled_in(people: Cast) -> None:
    alice = people.browser("alice")
    send(alice, group__0__line__0__count="8")
    later = send(alice).context["verdict"].offers[0]
    send(alice, group__0__line__0__count="8", starts_at="2030-05-13T12:10", ends_at="2030-05-13T14:10")

    answer = send(alice, action=later.take)

    assert (answer.status_code, answer.context["form"].fields["starts_at"].value) == (409, "2030-05-13T12:10")
    assert [one.code for one in answer.context["verdict"].refusals] == ["DEVICE_BUSY"]


def test_a_mangled_offer_books_nothing_and_loses_nothing(people: Cast) -> None:
    answer = send(people.browser("alice"), action="take:nonsense", title="Mine")

    assert (answer.status_code, answer.context["form"].fields["title"].value) == (200, "Mine")
    assert not Reservation.objects.exists()


def test_a_refusal_says_whether_it_is_certain(people: Cast) -> None:
    text = send(people.browser("alice"), group__0__line__0__count="9").content.decode()

    assert "This is certain" in text


def test_without_scripts_buttons_add_and_remove_lines_and_keep_the_rest(people: Cast) -> None:
    browser = people.browser("alice")

    added = send(browser, action="add-line:0").context["form"].groups[0].lines
    removed = send(browser, action="remove-line:0-0").context["form"].groups[0].lines

    assert [line.device_class.value for line in added] == [H100, ""]
    assert removed == ()


def test_the_check_says_it_fits_what_it_costs_and_stores_nothing(people: Cast) -> None:
    response = people.browser("alice").post("/reservations/check/", typed(group__0__line__0__count="4"))

    verdict = response.context["verdict"]
    assert verdict.fits
    assert verdict.price.total == "$24.56"  # 4 × 3.07 × 2 h
    assert not Reservation.objects.exists()


def test_the_check_says_how_cards_would_be_set(people: Cast) -> None:
    """Three slices of half a card take two of the four A100, which are charged whole."""
    asked = {"device_class": A100, "count": "3", "profile": "3g.40gb"}
    line = {f"group__0__line__0__{name}": value for name, value in asked.items()}
    response = people.browser("alice").post("/reservations/check/", typed(**line))

    assert [node.blocks.replace("\u00a0", " ") for node in response.context["verdict"].nodes] == [
        "2 blocks in pru-02; 1 card set to 1 × 3g.40gb; 1 card set to 2 × 3g.40gb"
    ]


def test_the_check_names_what_is_not_priced(people: Cast) -> None:
    more = {"group-0-line-1-device_class": NVME, "group-0-line-1-count": "2"}

    response = people.browser("alice").post("/reservations/check/", {**typed(), **more})

    assert response.context["verdict"].price.not_priced == ("KIOXIA CM7-R NVMe 15.36 TB",)


def test_a_line_whose_class_is_still_to_be_chosen_is_no_mistake_while_typing(people: Cast) -> None:
    response = people.browser("alice").post("/reservations/check/", typed(group__0__line__0__device_class=""))

    assert (response.status_code, response.context["verdict"]) == (200, None)


def test_a_copy_is_filled_in_from_what_was_booked(people: Cast) -> None:
    code = booked(people.alice, title="First", mix=[{"role": "x", "lines": [{"device_class": L40S, "count": 3}]}]).code

    form = people.browser("bob").get(f"/reservations/new/?copy={code}").context["form"]

    line = form.groups[0].lines[0]
    assert (form.fields["title"].value, form.groups[0].role.value) == ("First", "x")
    assert (line.device_class.value, line.count.value, form.copied_from) == (L40S, "3", code)


def test_a_copy_of_what_is_ahead_begins_once_that_is_given_back_and_fits(people: Cast) -> None:
    """Eight of the eight H100 from noon to two in Berlin, five minutes to set up and five to clean: from 14:10 on."""
    code = booked(people.alice, mix=wish(8, H100)["mix"]).code
    alice = people.browser("alice")

    fields = alice.get(f"/reservations/new/?copy={code}").context["form"].fields

    window = {name: fields[name].value for name in ("start", "starts_at", "ends_at")}
    assert window == {"start": "at", "starts_at": "2030-05-13T14:10", "ends_at": "2030-05-13T16:10"}
    times = {"zone": fields["zone"].value, "starts_at": window["starts_at"], "ends_at": window["ends_at"]}
    form = typed(group__0__line__0__count="8", **times)
    assert alice.post("/reservations/new/", form).status_code == 302


def test_the_check_names_fields_as_people_do(people: Cast) -> None:
    response = people.browser("alice").post("/reservations/check/", typed(group__0__line__0__count="0"))

    text = response.content.decode()
    assert "Group 1, line 1, count" in text
    assert "mix[0]" not in text


def test_what_is_to_be_done_when_a_device_fails_is_typed_booked_shown_and_copied(people: Cast) -> None:
    alice = people.browser("alice")

    made = alice.post("/reservations/new/", typed(on_failure="degrade"))

    reservation = Reservation.objects.get()
    assert (made.status_code, reservation.request["on_failure"]) == (302, "degrade")
    page = alice.get(f"/reservations/{reservation.code}/").content.decode()
    assert "It goes on with fewer devices while an equal one is looked for." in page
    form = alice.get(f"/reservations/new/?copy={reservation.code}").context["form"]
    (policy,) = [one.field for one in form.more if one.field.name == "on_failure"]
    assert policy.value == "degrade"


def test_a_copy_remembers_where_it_came_from(people: Cast) -> None:
    first = booked(people.alice)

    send(people.browser("bob"), copied_from=first.code)

    assert Reservation.objects.get(created_by=people.bob).copied_from == first


def test_a_viewer_cannot_book_even_with_a_form_of_their_own_making(people: Cast) -> None:
    response = send(people.browser("vera"))

    assert response.status_code == 403
    assert not Reservation.objects.exists()


def test_a_stranger_hears_that_there_is_no_such_project(people: Cast) -> None:
    assert errors_of(send(people.browser("charlie"))) == [("project", "unknown")]


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7|add:7 }}"])
def test_markup_that_came_in_by_another_way_is_text_on_every_page(people: Cast, title: str) -> None:
    """No door lets HTML into a title; what an import or an older version stored is shown as what it is."""
    browser = people.browser("alice")
    send(browser)
    Reservation.objects.update(title=title)
    code = Reservation.objects.get().code

    for path in (
        "/",
        "/reservations/",
        f"/reservations/{code}/",
        f"/reservations/{code}/cancel/",
        "/projects/team-chat/",
    ):
        text = browser.get(path).content.decode()
        assert title not in text or "<" not in title
        assert "&lt;script&gt;" in text or "&quot;&gt;&lt;img" in text or "{{ 7|add:7 }}" in text


def test_a_refusal_is_announced_above_the_form_with_the_way_to_its_reasons(people: Cast) -> None:
    text = send(people.browser("alice"), group__0__line__0__count="9").content.decode()

    assert ('role="alert"' in text, 'href="#verdict"' in text) == (True, True)


def test_a_check_that_says_no_is_no_alarm(people: Cast) -> None:
    text = send(people.browser("alice"), action="check", group__0__line__0__count="9").content.decode()

    assert ("It does not fit" in text, 'href="#verdict"' in text) == (True, False)


def test_times_on_a_page_name_their_zone(people: Cast) -> None:
    browser = people.browser("alice")
    browser.post("/account/zone/", {"time_zone": "Europe/Berlin"})

    text = browser.get(f"/reservations/{booked(people.alice).code}/").content.decode()

    assert "Europe/Berlin time" in text


def test_what_would_fit_is_offered_once_however_many_reasons_it_answers(people: Cast) -> None:
    Quota.objects.filter(project=people.chat).update(accelerators_max=4)

    verdict = send(people.browser("alice"), group__0__line__0__count="9").context["verdict"]

    actions = [remedy.action for refusal in verdict.refusals for remedy in refusal.remedies]
    assert ([refusal.code for refusal in verdict.refusals], actions) == (
        ["QUOTA_DEVICES", "DEVICE_UNAVAILABLE"],
        ["count:0-0-4"],
    )


def test_whatever_renews_the_form_has_a_name_by_which_the_focus_comes_back(people: Cast) -> None:
    two = {"group-0-line-1-device_class": NVME, "group-0-line-1-count": "2", "action": "add-group"}

    text = people.browser("alice").post("/reservations/new/", {**typed(), **two}).content.decode()

    renewing = [tag for tag in re.findall(r"<(?:button|select)[^>]*>", text) if 'hx-target="#booking"' in tag]
    named = [found[1] for tag in renewing if (found := re.search(r' id="([^"]+)"', tag))]
    # project and pool; remove and “or else” of three lines; of two groups add-line, copy, remove and one move;
    # add-group, six lengths, and saving a preset
    assert (len(renewing), len(set(named))) == (2 + 3 * 2 + 2 * 4 + 1 + 6 + 1,) * 2


@pytest.mark.parametrize("hidden", [{"copied_from": "\x7f"}, {"copied_from": "a b"}, {"preset": "\x7f"}])
def test_a_form_that_says_nonsense_of_where_it_came_from_is_a_form_all_the_same(
    people: Cast, hidden: dict[str, str]
) -> None:
    assert send(people.browser("alice"), action="check", **hidden).status_code == 200
    assert send(people.browser("alice"), **hidden).status_code == 302


def test_a_key_that_no_form_of_ours_has_is_handed_to_no_browser(people: Cast) -> None:
    answer = send(people.browser("alice"), form_key="x" * 50_000)

    assert (answer.status_code, answer.cookies["heddle_booked"].value) == (302, "")
