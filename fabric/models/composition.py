"""One node's wiring: its target, the intent row of every step, the attachments and the proofs of release."""

from django.db import models
from django.db.models import Q

from fabric.models._choices import choices
from fabric.models.inventory import Host, ResourceBlock
from fabric.models.pool import FabricManager, Pool
from fabric.states import LIVE_COMPOSITIONS, CompositionState, ResizeState, StepKind, StepState


class Composition(models.Model):
    """The act and record of wiring one node.

    `owner` is a word of the caller's (a reservation's code); fabric never reads it.
    """

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT)
    fabric_manager = models.ForeignKey(FabricManager, on_delete=models.PROTECT)
    host = models.ForeignKey(Host, on_delete=models.PROTECT, related_name="compositions")
    tag = models.CharField(
        max_length=64, unique=True, help_text="The name on the fabric: portal, owner, node, generation."
    )
    owner = models.CharField(max_length=32, db_index=True)
    node = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=64, blank=True)
    generation = models.PositiveIntegerField(
        default=1, help_text="Bumped with every new attempt; names are never reused."
    )
    state = models.CharField(max_length=16, choices=choices(CompositionState), default=CompositionState.OPENED.value)
    state_reason = models.CharField(max_length=500, blank=True)
    blocks = models.ManyToManyField(ResourceBlock, related_name="compositions")
    settings = models.JSONField(
        default=dict, blank=True, help_text="By block code: `layout` (MIG profile → slices) and `power_cap_w`."
    )
    access = models.JSONField(
        default=dict, blank=True, help_text="Set by GRANT: host address and each device's slot, serial, PCI id."
    )
    opened_at = models.DateTimeField()
    composed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "node", "generation"], name="composition_generation"),
            models.UniqueConstraint(
                fields=["owner", "node"],
                condition=Q(state__in=sorted(state.value for state in LIVE_COMPOSITIONS)),
                name="composition_one_live_per_node",
            ),
        ]

    def __str__(self) -> str:
        return self.tag


class Resize(models.Model):
    """A change of a node in use: what is added before what is taken away. One open at a time."""

    composition = models.ForeignKey(Composition, on_delete=models.PROTECT, related_name="resizes")
    round = models.PositiveSmallIntegerField(help_text="From 1: its steps carry the same number.")
    adds = models.JSONField(default=list, help_text="Codes of blocks.")
    removes = models.JSONField(default=list, help_text="Codes of blocks.")
    settings = models.JSONField(default=dict, blank=True, help_text="By code of an added block, as of a composition.")
    state = models.CharField(max_length=16, choices=choices(ResizeState), default=ResizeState.OPEN.value)
    reason = models.CharField(max_length=300, blank=True)
    opened_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["composition", "round"], name="resize_round"),
            models.UniqueConstraint(
                fields=["composition"], condition=Q(state=ResizeState.OPEN.value), name="resize_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.composition} round {self.round}"


class CompositionStep(models.Model):
    """The intent row: written and committed before the fabric is touched, its outcome after."""

    composition = models.ForeignKey(Composition, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(help_text="Order in the composition's whole story.")
    round = models.PositiveSmallIntegerField(default=0, help_text="0 is the first wiring; else of which resize.")
    kind = models.CharField(max_length=16, choices=choices(StepKind))
    is_undo = models.BooleanField(default=False)
    state = models.CharField(max_length=16, choices=choices(StepState), default=StepState.PENDING.value)
    op_key = models.CharField(max_length=100, unique=True)
    attempt = models.PositiveIntegerField()
    fence = models.BigIntegerField()
    target = models.JSONField(help_text="Host and block codes this step acts on.")
    lines = models.JSONField(default=list, blank=True, help_text="Outcome by block: block, outcome, seconds, reason.")
    error = models.CharField(max_length=32, blank=True, help_text="Class of the driver's error.")
    message = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["composition_id", "position"]
        constraints = [models.UniqueConstraint(fields=["composition", "position"], name="step_position")]

    def __str__(self) -> str:
        return self.op_key


class Attachment(models.Model):
    """The physical fact: block on host since, until. One open per block; opened and closed only by read-back."""

    block = models.ForeignKey(ResourceBlock, on_delete=models.PROTECT, related_name="attachments")
    host = models.ForeignKey(Host, on_delete=models.PROTECT, related_name="attachments")
    composition = models.ForeignKey(Composition, on_delete=models.PROTECT, related_name="attachments")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["block"], condition=Q(until__isnull=True), name="attachment_one_open_per_block"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")), name="attachment_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.block} on {self.host}"


class ReleaseProof(models.Model):
    """What was read when a block was given back: the evidence that it is gone and clean, or why it is quarantined."""

    composition = models.ForeignKey(Composition, on_delete=models.PROTECT, related_name="proofs")
    block = models.ForeignKey(ResourceBlock, on_delete=models.PROTECT, related_name="proofs")
    is_proven = models.BooleanField()
    evidence = models.JSONField()
    observed_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["composition", "block"], name="proof_once_per_block")]

    def __str__(self) -> str:
        return f"{self.block}: {'proven' if self.is_proven else 'not proven'}"
