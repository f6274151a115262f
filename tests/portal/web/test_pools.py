"""The pool page: what is where, why it cannot be had, and the way to book for whoever may."""

import pytest

from fabric.models import Host, ResourceBlock
from tests.portal.cast import Cast

NOT_CLEAN, NO_ANSWER = "Not proven clean.", "It does not answer."


def test_why_a_unit_is_kept_back_is_said_in_the_page_itself(people: Cast) -> None:
    ResourceBlock.objects.filter(code="pru-01-s12").update(state="quarantined", state_reason=NOT_CLEAN)
    Host.objects.filter(code="host-04").update(state="quarantined", state_reason=NO_ANSWER)

    response = people.browser("alice").get("/pools/lab/")

    slots = {
        slot.code: slot.reason
        for chassis in response.context["chassis"]
        for switch in chassis.switches
        for slot in switch.slots
    }
    assert {code: reason for code, reason in slots.items() if reason} == {"pru-01-s12": NOT_CLEAN}
    assert [host.reason for host in response.context["hosts"]] == ["", "", "", NO_ANSWER]
    assert [f">{reason}<" in response.content.decode() for reason in (NOT_CLEAN, NO_ANSWER)] == [True, True]


@pytest.mark.parametrize(("name", "may_book"), [("bob", True), ("vera", False), ("olga", False)])
def test_only_who_may_book_is_sent_to_the_form(people: Cast, name: str, may_book: bool) -> None:
    text = people.browser(name).get("/pools/lab/").content.decode()

    assert ("/reservations/new/?pool=lab" in text) is may_book
