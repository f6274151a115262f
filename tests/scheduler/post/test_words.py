"""What a letter says: both forms the same, no header broken, nothing of what people wrote taken for HTML."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from scheduler.post.words import AGAIN, SUBJECT_CHARS_MAX, Item, Link, Sheet, write

AT = datetime(2030, 5, 13, 12, 0, tzinfo=UTC)
PAGE = Link("Show it", "https://heddle.example.org/reservations/r-1/?a=1&b=2")
ITEM = Item(name="Night run", message="Ends in 15 minutes.", at=AT, page=PAGE, act=Link("Extend it", "https://x/e/1"))
CHOICES, STOP = Link("Choose what you are told", "https://x/account/"), Link("No more mail", "https://x/stop/1")


def written(*items: Item, is_again: bool = False) -> Sheet:
    zone = ZoneInfo("Europe/Berlin")
    return write(name="Alice", items=items, zone=zone, choices=CHOICES, stop=STOP, is_again=is_again)


def test_a_letter_of_one_thing() -> None:
    sheet = written(ITEM)

    assert sheet.subject == "Night run: Ends in 15 minutes."
    assert sheet.text.splitlines() == [
        "Hello Alice,",
        "",
        "Mon 13 May 2030, 14:00 · Night run",
        "Ends in 15 minutes.",
        "Extend it: https://x/e/1",
        "Show it: https://heddle.example.org/reservations/r-1/?a=1&b=2",
        "",
        "-- ",
        "Times are in Europe/Berlin.",
        "Choose what you are told: https://x/account/",
        "No more mail: https://x/stop/1",
    ]
    assert '<a href="https://heddle.example.org/reservations/r-1/?a=1&amp;b=2">Show it</a>' in sheet.html
    assert "<img" not in sheet.html


def test_several_things_are_one_letter_in_the_order_they_happened() -> None:
    sheet = written(ITEM, replace(ITEM, message="Ended.", act=None))

    assert sheet.subject == "2 things happened in Heddle"
    assert sheet.text.index("Ends in 15") < sheet.text.index("Ended.")
    assert sheet.html.count("<p>Mon 13 May 2030, 14:00") == 2


def test_a_title_breaks_neither_header_nor_page() -> None:
    sheet = written(replace(ITEM, name="Evil\r\nBcc: all@example.org <script>" + "x" * 200))

    assert sheet.subject.startswith("Evil Bcc: all@example.org <script>")
    assert (len(sheet.subject), len(sheet.subject.splitlines())) == (SUBJECT_CHARS_MAX, 1)
    assert "<script>" not in sheet.html


def test_one_that_may_have_arrived_already_says_so() -> None:
    assert (AGAIN in written(ITEM).text, AGAIN in written(ITEM, is_again=True).text) == (False, True)
