"""Chance that is the same everywhere."""

from fabric.pools.chance import Chance


def test_the_numbers_are_those_of_the_published_algorithm() -> None:
    chance = Chance(0)

    assert [chance.bits() for _ in range(3)] == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def test_weights_decide_how_often() -> None:
    chance = Chance(7)
    drawn = [chance.weighted({"often": 9, "seldom": 1, "never": 0}) for _ in range(10_000)]

    assert (850 <= drawn.count("seldom") <= 1_150, drawn.count("never")) == (True, 0)


def test_a_shuffle_keeps_every_item() -> None:
    items = list(range(100))
    mixed = Chance(3).shuffled(items)

    assert (sorted(mixed) == items, mixed != items, mixed == Chance(3).shuffled(items)) == (True, True, True)
