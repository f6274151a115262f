"""The rules of a pool: policy, tenants, and what a simulated composer imitates."""

from fabric.filing import Fields
from fabric.pools.facts import ExtensionRecord, IdleRecord, PolicyRecord, SimulationRecord, SpreadRecord
from fabric.pools.parsed import Tenant
from fabric.topology import DRAIN_MINUTES, PREEMPTION_NOTICE_MINUTES

DAY_MINUTES = 24 * 60
YEAR_HOURS = 366 * 24
HORIZON_DAYS_MAX = 3 * 366
SECONDS_MAX = 24 * 60 * 60
SHARE_MAX = 100
PERCENT_MAX = 100
IDLE_MINUTES_MAX = 7 * 24 * 60
HALF_LIFE_DAYS, HALF_LIFE_DAYS_MAX = 7, 90  # of what counts for fair shares


def read_policy(fields: Fields) -> PolicyRecord:
    made = PolicyRecord(
        slot_minutes=fields.integer("slot_minutes", least=1, most=DAY_MINUTES),
        min_duration_minutes=fields.integer("min_duration_minutes", least=1, most=YEAR_HOURS * 60),
        max_duration_hours=fields.integer("max_duration_hours", least=1, most=YEAR_HOURS),
        horizon_days=fields.integer("horizon_days", least=1, most=HORIZON_DAYS_MAX),
        min_lead_minutes=fields.integer("min_lead_minutes", most=YEAR_HOURS * 60),
        setup_minutes=fields.integer("setup_minutes", most=DAY_MINUTES),
        teardown_minutes=fields.integer("teardown_minutes", most=DAY_MINUTES),
        checkin_grace_minutes=fields.integer("checkin_grace_minutes", most=DAY_MINUTES),
        on_no_show=fields.choice("on_no_show", {"release", "keep"}),
        extension=_extension(fields.nested("extension")),
        cancel_free_until_hours=fields.integer("cancel_free_until_hours", most=YEAR_HOURS),
        charge_unit=fields.choice("charge_unit", {"gpu_hour"}),
        charge_reserved_time=fields.truth("charge_reserved_time"),
        late_cancel_percent=fields.integer("late_cancel_percent", most=PERCENT_MAX, default=0),
        fair_share_half_life_days=fields.integer(
            "fair_share_half_life_days", least=1, most=HALF_LIFE_DAYS_MAX, default=HALF_LIFE_DAYS
        ),
        drain_minutes=fields.integer("drain_minutes", most=DAY_MINUTES, default=DRAIN_MINUTES),
        preemption_notice_minutes=fields.integer(
            "preemption_notice_minutes", most=DAY_MINUTES, default=PREEMPTION_NOTICE_MINUTES
        ),
    )
    if "idle" in fields:
        made["idle"] = _idle(fields.nested("idle"))
    if made["min_duration_minutes"] > made["max_duration_hours"] * 60:
        fields.at("min_duration_minutes").refuse(f"at most the max_duration_hours of {made['max_duration_hours']}")
    fields.close()
    return made


def read_tenant(fields: Fields) -> Tenant:
    quota = fields.nested("quota")
    made = Tenant(
        code=fields.code("id"),
        name=fields.text("name"),
        share=fields.integer("share", most=SHARE_MAX),
        accelerators_max=_ceiling(quota, "accelerators"),
        gpu_hours_per_month_max=_ceiling(quota, "gpu_hours_per_month"),
        is_mig_only=quota.truth("mig_only", default=False),
        priority=fields.choice("priority", {"production", "normal", "low"}),
    )
    quota.close()
    return made


def read_simulation(fields: Fields) -> SimulationRecord:
    made = SimulationRecord(
        seed=fields.integer("seed"),
        bind_seconds=_spread(fields.nested("bind_seconds")),
        unbind_seconds=_spread(fields.nested("unbind_seconds")),
        reboot_seconds=fields.integer("reboot_seconds", most=SECONDS_MAX),
        bind_failure_probability=fields.number("bind_failure_probability", most=1),
        idle_power_fraction=fields.number("idle_power_fraction", most=1),
    )
    fields.close()
    return made


def _extension(fields: Fields) -> ExtensionRecord:
    made = ExtensionRecord(
        allowed_within_hours=fields.integer("allowed_within_hours", most=YEAR_HOURS),
        max_hours=fields.integer("max_hours", most=YEAR_HOURS),
    )
    fields.close()
    return made


def _idle(fields: Fields) -> IdleRecord:
    made = IdleRecord(
        percent=fields.integer("percent", most=PERCENT_MAX - 1),
        warn_minutes=fields.integer("warn_minutes", least=1, most=IDLE_MINUTES_MAX),
        release_minutes=fields.integer("release_minutes", least=1, most=IDLE_MINUTES_MAX),
        action=fields.choice("action", {"warn", "shrink", "release"}),
    )
    fields.close()
    return made


def _ceiling(fields: Fields, key: str) -> int | None:
    return fields.integer(key) if key in fields else None


def _spread(fields: Fields) -> SpreadRecord:
    made = SpreadRecord(p50=fields.number("p50", most=SECONDS_MAX), p95=fields.number("p95", most=SECONDS_MAX))
    if made["p95"] < made["p50"]:
        fields.at("p95").refuse(f"not less than p50 ({made['p50']})")
    fields.close()
    return made
