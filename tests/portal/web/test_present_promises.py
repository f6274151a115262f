"""What a booking may count on, and why not more."""

from portal.web.present.promises import PROMISES, promise_words
from scheduler.states import Promise


def test_what_is_beyond_the_quota_says_so_unless_it_counts_on_less_for_another_reason() -> None:
    beyond = "Conditional: idle capacity, taken near its time beyond the project’s quota"

    assert promise_words(Promise.CONDITIONAL, is_beyond_quota=True) == beyond
    assert promise_words(Promise.CONDITIONAL, is_beyond_quota=False) == PROMISES[Promise.CONDITIONAL]
    assert promise_words(Promise.PREEMPTIBLE, is_beyond_quota=True) == PROMISES[Promise.PREEMPTIBLE]
