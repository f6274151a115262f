"""What people do in the builder and on a reservation's page, for several journeys."""

from typing import Any

from tests.journeys.browser import Visitor, sync_api

expect = sync_api.expect


def fill_in(one: Visitor, *lines: tuple[str, int]) -> None:
    """Choose each class from the list that filters as one types."""
    one.open("/reservations/new/")
    for at, (device_class, count) in enumerate(lines):
        if at:
            one.page.locator("#add-line-0").click()
        pick(one, at, device_class)
        one.page.locator(f"#group-0-line-{at}-count").fill(str(count))


def pick(one: Visitor, at: int, device_class: str) -> None:
    find = one.page.locator(f"#group-0-line-{at}-device_class-find")
    if one.is_scripted:
        find.fill(device_class)
        find.press("Enter")
    else:
        one.page.locator(f"#group-0-line-{at}-device_class").select_option(device_class)
    expect(one.page.locator(f"#group-0-line-{at}-device_class")).to_have_value(device_class)


def verdict(one: Visitor) -> Any:
    return one.page.locator("#verdict")


def book(one: Visitor) -> str:
    """The code of what was booked."""
    one.page.locator("#book").click()
    return booked(one)


def booked(one: Visitor) -> str:
    one.page.wait_for_url("**/reservations/r-*/")
    code: str = one.page.url.rstrip("/").rsplit("/", 1)[1]
    return code


def state(one: Visitor) -> Any:
    return one.page.locator(".pill.big")
