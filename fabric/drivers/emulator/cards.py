"""How the emulated cards are set: what each allows, and its setting as its row and the lines of a mutation keep it."""

import json
import sqlite3

from fabric.drivers.base import CardSetting


def setting_of(row: sqlite3.Row) -> CardSetting:
    return CardSetting(layout=json.loads(row["layout"]), power_cap_w=row["power_cap_w"])


def put(db: sqlite3.Connection, *, block: str, setting: CardSetting) -> None:
    db.execute(
        "UPDATE block SET layout = ?, power_cap_w = ? WHERE code = ?",
        (json.dumps(dict(setting.layout), sort_keys=True), setting.power_cap_w, block),
    )


def to_text(setting: CardSetting) -> str:
    """The same for equal settings; `from_text` is its inverse."""
    return json.dumps({"layout": dict(setting.layout), "power_cap_w": setting.power_cap_w}, sort_keys=True)


def from_text(text: str) -> CardSetting:
    return CardSetting(**json.loads(text))


def misfit(row: sqlite3.Row, setting: CardSetting) -> str:
    """Why the card cannot be set so; "" if it can. Which slices fit beside each other only the card itself knows."""
    profiles: dict[str, int] = json.loads(row["mig_profiles"])
    if setting.layout and not profiles:
        return "is not a card that may be cut"
    for profile, count in sorted(setting.layout.items()):
        if not 1 <= count <= profiles.get(profile, 0):
            return f"cannot be cut into {count} × {profile}"
    if setting.power_cap_w is not None and not 1 <= setting.power_cap_w <= row["power_cap_max_w"]:
        return f"cannot be held to {setting.power_cap_w} W"
    return ""
