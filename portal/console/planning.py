"""Plan a maintenance: say what and when, see who is in the way, decide for each, and only then it is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from fabric.drivers.base import DriverError
from fabric.models import Pool
from portal.access import actor_of
from portal.console.asking import done, reason_field, shown, tell
from portal.web.forms.local_time import read_local
from portal.web.forms.typed import FIRST, SECOND
from portal.web.present.words import plural
from scheduler.refusals import FieldError, Invalid, Refused, WrongState
from scheduler.requests import Window
from scheduler.services.maintenance import Affected, affected, plan_maintenance
from scheduler.states import LABELS, Decision, MaintenanceScope

DECISION = "decision-"  # of a field's name, before the reservation's code
CODE_CHARS_MAX = 64
PLAN, UNDECIDED = "plan", ""


class Moment(forms.CharField):
    """A wall clock in the pool's zone."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})


class PlanForm(forms.Form):
    """`seen` is what the preview was made of: who changes it is shown another before anything is done."""

    pool = forms.ModelChoiceField(Pool.objects.order_by("code"), to_field_name="code", empty_label=None)
    scope = forms.ChoiceField(choices=[(scope.value, scope.value) for scope in MaintenanceScope], initial="host")
    target = forms.CharField(
        max_length=CODE_CHARS_MAX, help_text="Code of the block, host, PRU, rack or zone, such as rack-2."
    )
    starts_at = Moment(label="From", help_text="In the pool's time zone. A start that is over means now.")
    ends_at = Moment(label="Until", help_text="In the pool's time zone.")
    fold = forms.ChoiceField(
        label="Doubled hour",
        required=False,
        choices=[("", "—"), (FIRST, "the first time"), (SECOND, "the second time")],
        help_text="Only of a time that comes twice, because the clocks are put back that night.",
    )
    reason = reason_field()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if pool := said.get("pool"):
            for name in ("starts_at", "ends_at"):
                if name in said:
                    self._read(said, name, ZoneInfo(pool.time_zone))
        return said

    @property
    def window(self) -> Window:
        return Window(starts_at=self.cleaned_data["starts_at"], ends_at=self.cleaned_data["ends_at"])

    @property
    def what(self) -> dict[str, Any]:
        """For the services."""
        said = self.cleaned_data
        scope = MaintenanceScope(said["scope"])
        return {"pool": said["pool"], "scope": scope, "target": said["target"], "window": self.window}

    @property
    def mark(self) -> str:
        """Of what it is about, but not why."""
        return "|".join(self.data.get(name, "") for name in ("pool", "scope", "target", "starts_at", "ends_at", "fold"))

    def _read(self, said: dict[str, Any], name: str, zone: ZoneInfo) -> None:
        read = read_local(said[name], zone=zone, fold=said.get("fold", ""), field=name)
        if isinstance(read, FieldError):
            self.add_error("fold" if read.code == "fold" else name, read.message)
        else:
            said[name] = read


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class AffectedView:
    """One reservation in the way: `choices` are what can be decided for it, with what each would mean."""

    code: str
    title: str
    project: str
    state: str
    starts_at: datetime
    ends_at: datetime
    units: str
    why: tuple[str, ...]  # it cannot simply be moved
    field: str
    choices: tuple[Choice, ...]


def plan(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Posting shows who is affected; posting the same again with a decision for each does it."""
    form = PlanForm(request.POST) if request.method == "POST" else PlanForm(initial=_named(request.GET))
    zone = _zone_of(form)
    with timezone.override(zone):
        if not (form.is_bound and form.is_valid()):
            return _page(admin, request, form, zone)
        decisions = _decisions(request.POST)
        has_seen = request.POST.get("action") == PLAN and form.cleaned_data["seen"] == form.mark
        if has_seen and None not in decisions.values():
            try:
                return _done(request, form, {code: one for code, one in decisions.items() if one is not None})
            except (Invalid, Refused, WrongState, DriverError) as refusal:
                tell(form, refusal)
        elif has_seen:
            form.add_error(None, "Decide for each reservation what becomes of it.")
        return _preview(admin, request, form, zone, decisions)


def _done(request: HttpRequest, form: PlanForm, decisions: Mapping[str, Decision]) -> HttpResponse:
    by, now = actor_of(request, door="admin"), timezone.now()
    made = plan_maintenance(**form.what, decisions=decisions, by=by, now=now, reason=form.cleaned_data["reason"])
    return done(request, f"Planned: {made}", reverse("admin:scheduler_maintenance_changelist"))


def _preview(
    admin: ModelAdmin,
    request: HttpRequest,
    form: PlanForm,
    zone: ZoneInfo,
    decisions: Mapping[str, Decision | None],
) -> HttpResponse:
    try:
        found = affected(**form.what, now=timezone.now())
    except (Invalid, Refused, DriverError) as refusal:
        tell(form, refusal)
        return _page(admin, request, form, zone)
    rows = tuple(_view(one, decisions) for one in found)
    return _page(admin, request, form, zone, rows=rows, is_preview=True, mark=form.mark)


def _page(admin: ModelAdmin, request: HttpRequest, form: PlanForm, zone: ZoneInfo, **more: Any) -> HttpResponse:
    return shown(
        admin,
        request,
        form=form,
        title="Plan maintenance",
        back=reverse("admin:scheduler_maintenance_changelist"),
        template="console/plan_page.html",
        zone=zone.key,
        **more,
    )


def _view(one: Affected, decisions: Mapping[str, Decision | None]) -> AffectedView:
    row = one.reservation
    chosen = decisions.get(row.code) or one.default or UNDECIDED
    undecided = () if one.default else (Choice(UNDECIDED, "Decide…", chosen == UNDECIDED),)
    return AffectedView(
        code=row.code,
        title=row.title,
        project=row.project.slug,
        state=LABELS[one.state],
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        units=", ".join(one.units),
        why=tuple(refusal.message for refusal in one.refusals) if one.move is None else (),
        field=f"{DECISION}{row.code}",
        choices=(*undecided, *(Choice(may.value, _words(may, one), may == chosen) for may in one.may)),
    )


def _words(decision: Decision, one: Affected) -> str:
    match decision:
        case Decision.MOVE:
            return f"Move it to {_places(one)}"
        case Decision.SHORTEN:
            assert one.ends_at is not None, "only what has an end is shortened"
            return f"End it early, {timezone.localtime(one.ends_at):%a %-d %b, %H:%M}"
        case Decision.CANCEL:
            return "Cancel it"
        case Decision.KEEP:
            return f"Keep it: {plural(len(one.units), 'unit')} of it left out of the maintenance"


def _places(one: Affected) -> str:
    assert one.move is not None, "only what has another plan moves"
    return ", ".join(f"{node.host} with {plural(len(node.blocks), 'device')}" for node in one.move.nodes)


def _decisions(posted: Mapping[str, str]) -> dict[str, Decision | None]:
    """By reservation; None where none of ours was chosen."""
    known = {decision.value: decision for decision in Decision}
    return {
        name.removeprefix(DECISION): known.get(value) for name, value in posted.items() if name.startswith(DECISION)
    }


def _zone_of(form: PlanForm) -> ZoneInfo:
    """Of the pool that is chosen, else of the first."""
    chosen = form.data.get("pool") if form.is_bound else form.initial.get("pool")
    pools = list(Pool.objects.order_by("code"))
    found = next((pool for pool in pools if pool.code == chosen), pools[0] if pools else None)
    return ZoneInfo(found.time_zone if found else "UTC")


def _named(query: Mapping[str, str]) -> dict[str, str]:
    """What the page one comes from is about."""
    return {name: query[name] for name in ("pool", "scope", "target") if name in query}
