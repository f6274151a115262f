"""One reservation's page: where it stands in its life, what it is made of, and what may be done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from portal.web.present.approvals import ConsentView, consent_view
from portal.web.present.chronicle import Chronicle, chronicle
from portal.web.present.failures import FailedView, LackView, lack_views
from portal.web.present.nodes import NodeView, node_views
from portal.web.present.offers import OfferView
from portal.web.present.picture_shapes import Picture
from portal.web.present.prices import PriceView, price_view
from portal.web.present.promises import PRIORITIES, promise_words
from portal.web.present.proofs import ProofView, proof_views, proven_counts
from portal.web.present.reservations import ReservationLine, reservation_lines
from portal.web.present.resize import STAGE_WORDS
from portal.web.present.states import Pill
from portal.web.present.steps import undone
from portal.web.present.story import Next, Stage, next_of, stages, stranded_by, waiting_for
from portal.web.present.usage import UsageView, usage_view
from portal.web.present.words import plural, until, warning_texts, watts
from scheduler.elastic_parsing import elastic_from_wire
from scheduler.queries.reservation_detail import CHECK_IN, ReservationDetail
from scheduler.queries.usage import Attached
from scheduler.requests import OnFailure
from scheduler.services.elastic import in_words
from scheduler.states import FINAL, LIVE, ReservationState

_R = ReservationState

TROUBLE = frozenset({_R.FAILED, _R.EXPIRED, _R.REJECTED})


@dataclass(frozen=True, slots=True)
class Door:
    """One verb a member may use: a link to the page that says what will happen."""

    verb: str
    label: str
    icon: str
    tone: str
    hint: str


@dataclass(frozen=True, slots=True)
class CheckInView:
    """Until when somebody must say that it is used; `words` count down to it."""

    at: datetime
    words: str
    may_act: bool


@dataclass(frozen=True, slots=True)
class IdleView:
    since: datetime
    may_act: bool


@dataclass(frozen=True, slots=True)
class DetailView:
    line: ReservationLine
    stages: tuple[Stage, ...]
    next: Next
    check_in: CheckInView | None
    idle: IdleView | None
    promise: str  # what it may count on
    priority: str
    gives_way_at: datetime | None  # it was told to, and has not yet
    waiting: str  # for what it waits while it should be composed; "" while nothing keeps it
    resizing: str  # how far a change of its mix is; "" while there is none
    stranded: str  # why its plan cannot be carried out as things are
    picture: Picture | None
    nodes: tuple[NodeView, ...]
    is_reachable: bool
    is_final: bool
    is_trouble: bool
    summary: str
    undone: tuple[str, ...]
    offers: tuple[OfferView, ...]
    price: PriceView
    usage: UsageView | None
    power: str
    energy: str
    is_as_booked: bool  # the price and the energy are those of the whole window
    warnings: tuple[str, ...]
    failed: tuple[FailedView, ...]
    lacks: tuple[LackView, ...]
    policy: str
    proofs: tuple[ProofView, ...]
    proof_mark: Pill  # of all of them
    chronicle: Chronicle
    doors: tuple[Door, ...]
    more_doors: tuple[Door, ...]  # what is wanted less often
    extends_itself: str  # until when; "" where it does not
    elastic: str  # bounds of its groups; "" where it has none
    may_book: bool
    zone: str
    consent: ConsentView | None
    series: str = ""  # code of the one it is an occurrence of


def detail_view(
    detail: ReservationDetail,
    *,
    names: Mapping[str, str],
    now: datetime,
    may_change: bool,
    may_book: bool,
    offers: tuple[OfferView, ...] = (),
    picture: Picture | None = None,
    attached: tuple[Attached, ...] = (),
    may_decide: bool = False,
) -> DetailView:
    state = ReservationState(detail.row.state)
    nodes = node_views(detail, now=now)
    return DetailView(
        line=reservation_lines([detail.row], names=names, now=now)[0],
        stages=stages(detail),
        next=next_of(detail, now=now),
        check_in=_check_in(detail, now=now, may_change=may_change),
        idle=_idle(detail, may_change=may_change),
        promise="" if state in FINAL else promise_words(detail.row.promise, is_beyond_quota=detail.row.is_beyond_quota),
        priority=PRIORITIES[detail.row.priority],
        gives_way_at=detail.row.preempt_at if state in LIVE and state != _R.RELEASING else None,
        waiting=waiting_for(detail),
        resizing=STAGE_WORDS.get(detail.resizing, ""),
        stranded=stranded_by(detail),
        picture=picture,
        nodes=nodes,
        is_reachable=state == _R.ACTIVE,
        is_final=state in FINAL,
        is_trouble=state in TROUBLE,
        summary=_summary(detail, state),
        undone=undone(detail.compositions) if state == _R.FAILED else (),
        offers=offers,
        price=price_view(detail.price, names=names),
        usage=usage_view(detail, attached, now=now),
        power=watts(detail.watts),
        energy=f"{detail.energy['estimate_kwh']:,.1f} kWh",
        is_as_booked=state in FINAL,
        warnings=warning_texts(detail.warnings),
        failed=tuple(
            FailedView(block.code, block.name, node.title, block.trouble, may_change)
            for node in nodes
            for block in node.blocks
            if block.trouble
        ),
        lacks=lack_views(detail, names=names) if state in LIVE else (),
        policy=_POLICIES.get(detail.on_failure, ""),
        proofs=proof_views(detail.proofs),
        proof_mark=_proof_mark(detail),
        chronicle=chronicle(detail.timeline),
        doors=_doors(detail.verbs, state) if may_change else (),
        more_doors=tuple(_MORE[verb] for verb in detail.verbs if verb in _MORE) if may_change else (),
        extends_itself=_extends_itself(detail),
        elastic=in_words(elastic_from_wire(detail.elastic)) if detail.elastic and state not in FINAL else "",
        may_book=may_book,
        zone=detail.row.time_zone,
        consent=consent_view(detail.approval, now=now, may_decide=may_decide),
        series=detail.series,
    )


def _check_in(detail: ReservationDetail, *, now: datetime, may_change: bool) -> CheckInView | None:
    at = detail.check_in_due_at
    is_due = at is not None and detail.checked_in_at is None and CHECK_IN in detail.verbs
    return CheckInView(at, until(at, now), may_change) if at is not None and is_due else None


def _idle(detail: ReservationDetail, *, may_change: bool) -> IdleView | None:
    """What was told stands here as long as it is so."""
    is_told = detail.idle_warned_at is not None and CHECK_IN in detail.verbs
    return IdleView(detail.idle_since, may_change) if detail.idle_since is not None and is_told else None


def _proof_mark(detail: ReservationDetail) -> Pill:
    proven, given_back = proven_counts(detail.proofs)
    return Pill(f"{proven} of {given_back} proven", "ok" if proven == given_back else "bad")


_POLICIES: Mapping[str, str] = {
    OnFailure.ALL: "needs all of its devices: a failed one is swapped, else it is called off",
    OnFailure.DEGRADE: "goes on with fewer devices while an equal one is looked for",
}
_DOORS: Mapping[str, Door] = {
    "confirm": Door("confirm", "Confirm", "check", "pri", "Make the hold a booking"),
    "extend": Door("extend", "Extend", "calendar-plus", "", "Keep the same devices for longer"),
    "resize": Door("resize", "Resize", "layers", "", "Other devices or another number of nodes"),
    "release": Door("release", "End early", "x", "danger", "Take it apart and give everything back now"),
    "cancel": Door("cancel", "Cancel", "x", "danger", "Withdraw it; the devices are free for others"),
}


_MORE: Mapping[str, Door] = {
    "shorten": Door("shorten", "Shorten", "clock", "", "Give it back sooner; what it does not get is not charged"),
    "move": Door("move", "Move", "calendar-clock", "", "Another window, planned anew"),
    "auto-extend": Door("auto-extend", "Extend by itself", "timer", "", "Step by step, up to a ceiling"),
    "elastic": Door("elastic", "Elastic", "sliders-horizontal", "", "A floor that is promised, and a ceiling"),
    "hand-over": Door("hand-over", "Hand over", "users", "", "To another member or project"),
}


def _extends_itself(detail: ReservationDetail) -> str:
    until = detail.auto_extend_until
    if until is None or ReservationState(detail.row.state) in FINAL:
        return ""
    return f"It extends itself, while it fits, until {timezone.localtime(until):%a %-d %b, %H:%M}."


def _doors(verbs: tuple[str, ...], state: ReservationState) -> tuple[Door, ...]:
    """An active one is ended, one that is not active yet is cancelled: two words for one act would only confuse."""
    shown = ("extend", "resize", "release") if state == _R.ACTIVE else ("confirm", "extend", "resize", "cancel")
    return tuple(_DOORS[verb] for verb in shown if verb in verbs)


def _summary(detail: ReservationDetail, state: ReservationState) -> str:
    nodes = plural(len(detail.nodes), "node")
    blocks = plural(sum(len(node.blocks) for node in detail.nodes), "block")
    proven, given_back = proven_counts(detail.proofs)
    match state:
        case _R.HELD:
            return f"{blocks} on {nodes} are kept for you until the hold expires."
        case _R.PENDING_APPROVAL:
            return f"{blocks} on {nodes} are kept for you while somebody decides."
        case _R.CONFIRMED:
            return f"Booked: {blocks} on {nodes}."
        case _R.COMPOSING:
            return f"{nodes} with {blocks} being wired. This page follows it until everything is proven."
        case _R.ACTIVE if detail.row.preempt_at is not None:
            return f"{nodes} with {blocks}, read back and proven. Yours until they give way."
        case _R.ACTIVE:
            return f"{nodes} with {blocks}, read back and proven. Yours until the window closes."
        case _R.RELEASING:
            return "Being taken apart; each block is given back once it is proven gone and clean."
        case _R.ENDED:
            return f"Given back: {proven} of {plural(given_back, 'block')} proven gone and clean."
        case _R.FAILED:
            return "It could not be fulfilled."
        case _:
            return ""
