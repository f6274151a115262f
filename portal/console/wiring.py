"""How it is wired, and the proof of what was given back."""

from datetime import datetime

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from fabric import models
from portal.console.acts import Act
from portal.console.bases import ReadOnlyAdmin, ReadOnlyInline
from scheduler.requests import Actor
from scheduler.services import proofs


def _prove_again(proof: models.ReleaseProof, by: Actor, now: datetime, reason: str) -> bool:
    return proofs.prove_again(proof=proof, by=by, now=now, reason=reason)


def _accept(proof: models.ReleaseProof, by: Actor, now: datetime, reason: str) -> bool:
    return proofs.accept_proof(proof=proof, by=by, now=now, reason=reason)


PROOF_ACTS = [
    Act(
        name="prove_again",
        title="Prove again",
        done="Proven",
        warning="The fabric is read now. What it shows empty, clean and well is proven, and offered again.",
        do=_prove_again,
    ).as_action(),
    Act(
        name="accept",
        title="Accept",
        done="Accepted",
        warning="You vouch that these are clean, and they are offered again. Your name stands in the proof.",
        do=_accept,
    ).as_action(),
]


class StepInline(ReadOnlyInline):
    model = models.CompositionStep
    fields = (
        "round",
        "position",
        "kind",
        "is_undo",
        "state",
        "attempt",
        "fence",
        "started_at",
        "finished_at",
        "error",
        "message",
    )


class ResizeInline(ReadOnlyInline):
    model = models.Resize
    fields = ("round", "adds", "removes", "state", "reason", "opened_at", "finished_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Resize]:
        return super().get_queryset(request).select_related("composition")


class ProofInline(ReadOnlyInline):
    model = models.ReleaseProof
    fields = ("block", "is_proven", "observed_at", "evidence")

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.ReleaseProof]:
        return super().get_queryset(request).select_related("block")


@admin.register(models.Composition)
class CompositionAdmin(ReadOnlyAdmin):
    list_display = ("tag", "owner", "node", "generation", "pool", "host", "state", "opened_at", "closed_at")
    list_filter = ("pool", "state", "opened_at")
    search_fields = ("tag", "owner", "host__code")
    list_select_related = ("pool", "host")
    inlines = (StepInline, ResizeInline, ProofInline)


@admin.register(models.CompositionStep)
class CompositionStepAdmin(ReadOnlyAdmin):
    list_display = (
        "op_key",
        "composition",
        "kind",
        "is_undo",
        "state",
        "attempt",
        "error",
        "started_at",
        "finished_at",
    )
    list_filter = ("kind", "state", "is_undo", "error", "started_at")
    search_fields = ("op_key", "composition__owner", "request_id")
    list_select_related = ("composition",)


@admin.register(models.Resize)
class ResizeAdmin(ReadOnlyAdmin):
    list_display = ("composition", "round", "adds", "removes", "state", "reason", "opened_at", "finished_at")
    list_filter = ("state", "composition__pool", "opened_at")
    search_fields = ("composition__tag", "composition__owner")
    list_select_related = ("composition",)


@admin.register(models.Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    list_display = ("block", "host", "composition", "since", "until")
    list_filter = ("block__pool", ("until", admin.EmptyFieldListFilter), "since")
    search_fields = ("block__code", "host__code", "composition__owner")
    list_select_related = ("block", "host", "composition")


@admin.register(models.ReleaseProof)
class ReleaseProofAdmin(ReadOnlyAdmin):
    list_display = ("block", "composition", "is_proven", "method", "serial", "observed_at")
    list_filter = ("is_proven", "composition__pool", "observed_at")
    search_fields = ("block__code", "composition__owner")
    list_select_related = ("block", "composition")
    actions = PROOF_ACTS

    @admin.display(description="Cleaned by")
    def method(self, proof: models.ReleaseProof) -> str:
        return str(proof.evidence.get("method") or "—")

    @admin.display
    def serial(self, proof: models.ReleaseProof) -> str:
        return str(proof.evidence.get("serial") or "—")
