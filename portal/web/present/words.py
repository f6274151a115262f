"""Numbers and lengths of time as people read them. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

NBSP = "\u00a0"  # keeps a number and its unit on one line
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
_SLOT_WORDS = {"accelerator": "slot", "bay": "bay", "nic": "NIC"}
_CENT = Decimal("0.01")


def duration(length: timedelta) -> str:
    """Two units at most: `2 d 3 h`, `1 h 58 min`, `40 s`."""
    seconds = max(0, round(length.total_seconds()))
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    if days:
        return _joined((days, "d"), (hours, "h"))
    if hours:
        return _joined((hours, "h"), (minutes, "min"))
    if minutes:
        return _joined((minutes, "min"), (seconds % 60 if minutes < 5 else 0, "s"))
    return f"{seconds}{NBSP}s"


def until(at: datetime, now: datetime) -> str:
    return f"in {duration(at - now)}" if at > now else f"{duration(now - at)} ago"


def money(amount: Decimal | str | float, currency: str) -> str:
    """To the cent; a currency without a well-known sign is named by its code."""
    return _priced(f"{Decimal(str(amount)).quantize(_CENT):,}", currency)


def _priced(figure: str, currency: str) -> str:
    return f"{_SYMBOLS[currency]}{figure}" if currency in _SYMBOLS else f"{figure}{NBSP}{currency}"


def rate_money(rate: Decimal | str, currency: str) -> str:
    """An hourly rate, never rounded: what costs less than a cent still costs something."""
    exact = Decimal(rate)
    return money(exact, currency) if exact == exact.quantize(_CENT) else _priced(f"{exact.normalize():,f}", currency)


def watts(power: float) -> str:
    return f"{power:,.0f}{NBSP}W"


def plural(number: int, one: str, many: str = "") -> str:
    return f"{number:,}{NBSP}{one if number == 1 else many or one + 's'}"


def slot_words(kind: str, number: int) -> str:
    """`slot 4`, `bay 2`, `NIC 1`."""
    return f"{_SLOT_WORDS.get(kind, kind)}{NBSP}{number}"


def setting_words(layout: Mapping[str, int], power_cap_w: int | None) -> str:
    """`7 × 1g.10gb, at most 250 W`; nothing for a whole card at its own limit."""
    slices = [f"{count}{NBSP}×{NBSP}{profile}" for profile, count in sorted(layout.items())]
    cap = [f"at most {watts(power_cap_w)}"] if power_cap_w is not None else []
    return ", ".join([*slices, *cap])


def warning_texts(warnings: Iterable[str]) -> tuple[str, ...]:
    """Without the code each begins with, which is for programs."""
    return tuple(warning.partition(": ")[2] or warning for warning in warnings)


def mix_words(asked: Iterable[tuple[str, int, str]], names: Mapping[str, str]) -> str:
    """`4 × NVIDIA H100 NVL + 9 × 1g.10gb of NVIDIA A100`: class, count, and the profile where slices are meant."""
    return " + ".join(
        f"{count}{NBSP}×{NBSP}{f'{profile} of ' if profile else ''}{names.get(code, code)}"
        for code, count, profile in asked
    )


def _joined(first: tuple[int, str], second: tuple[int, str]) -> str:
    return " ".join(f"{number}{NBSP}{unit}" for number, unit in (first, second) if number)


def duration_of_minutes(minutes: int) -> str:
    return duration(timedelta(minutes=minutes))
