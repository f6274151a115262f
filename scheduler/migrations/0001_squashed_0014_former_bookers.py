import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import scheduler.models.journal
import scheduler.notice_topics
import scheduler.states
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("scheduler", "0001_initial"),
        ("scheduler", "0002_index_journal_by_project"),
        ("scheduler", "0003_changes_caps_and_networks_of_allocations"),
        ("scheduler", "0004_planes_of_allocations"),
        ("scheduler", "0005_say_what_mig_only_means"),
        ("scheduler", "0006_maintenance_and_resizes"),
        ("scheduler", "0007_presets_and_notice_choices"),
        ("scheduler", "0008_find_what_is_not_over"),
        ("scheduler", "0009_the_api_for_automation"),
        ("scheduler", "0010_policy_and_lifecycle"),
        ("scheduler", "0011_letters_of_entries"),
        ("scheduler", "0012_waiting_guard"),
        ("scheduler", "0013_find_what_gives_way"),
        ("scheduler", "0014_former_bookers"),
    ]
    initial = True
    dependencies = [("fabric", "0001_squashed_0003_the_reconciler"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            name="Project",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={"ordering": ["slug"]},
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=255)),
                ("method", models.CharField(max_length=8)),
                ("path", models.CharField(max_length=300)),
                ("body_sha256", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(default=0)),
                ("answer", models.JSONField(blank=True, null=True)),
                ("headers", models.JSONField(blank=True, default=dict)),
                ("locked_until", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="idempotency_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [models.UniqueConstraint(fields=("user", "key"), name="idempotency_key_once")],
            },
        ),
        migrations.CreateModel(
            name="JournalEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "transaction_id",
                    models.BigIntegerField(db_default=scheduler.models.journal.CurrentTransactionId(), editable=False),
                ),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=64)),
                ("reference", models.CharField(help_text="Public code of what it is about.", max_length=64)),
                ("actor_name", models.CharField(max_length=150)),
                ("door", models.CharField(max_length=16)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("message", models.CharField(help_text="One sentence for people.", max_length=500)),
                ("facts", models.JSONField(blank=True, default=dict)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="journal",
                        to="fabric.pool",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="journal",
                        to="scheduler.project",
                    ),
                ),
            ],
            options={"verbose_name_plural": "journal entries", "ordering": ["transaction_id", "id"]},
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "pending"), ("sent", "sent"), ("failed", "failed")],
                        default=scheduler.states.LetterState["PENDING"],
                        max_length=16,
                    ),
                ),
                (
                    "sent_in",
                    models.CharField(blank=True, help_text="Message-ID of the mail that carried it.", max_length=64),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("fence", models.BigIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="scheduler.journalentry"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="letters", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", scheduler.states.LetterState["PENDING"])),
                        fields=["due_at", "id"],
                        name="letter_due",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("user", "entry"), name="letter_once")],
            },
        ),
        migrations.CreateModel(
            name="Maintenance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=16, unique=True)),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("block", "block"),
                            ("host", "host"),
                            ("pru", "pru"),
                            ("rack", "rack"),
                            ("zone", "zone"),
                        ],
                        max_length=8,
                    ),
                ),
                ("target", models.CharField(help_text="Code of the block, host, PRU, rack or zone.", max_length=64)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("reason", models.CharField(max_length=300)),
                ("created_by_name", models.CharField(max_length=150)),
                ("created_at", models.DateTimeField()),
                ("begun_at", models.DateTimeField(blank=True, null=True)),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, help_text="When it was over, or called off.", null=True),
                ),
                ("is_cancelled", models.BooleanField(default=False)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="maintenances",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="maintenances", to="fabric.pool"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="maintenance_window"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("ending", "ending"),
                            ("outcome", "outcome"),
                            ("change", "change"),
                            ("starting", "starting"),
                            ("waitlist", "waitlist"),
                            ("approval", "approval"),
                            ("quota", "quota"),
                            ("trouble", "trouble"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("portal", "portal"), ("mail", "mail")],
                        default=scheduler.notice_topics.Channel["PORTAL"],
                        max_length=16,
                    ),
                ),
                ("is_wanted", models.BooleanField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notice_choices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["user_id", "topic"],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "topic", "channel"), name="notice_choice_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeTimes",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quiet_from", models.TimeField(blank=True, null=True)),
                ("quiet_until", models.TimeField(blank=True, null=True)),
                (
                    "digest_at",
                    models.TimeField(blank=True, help_text="Once a day then, in one letter; none: at once.", null=True),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notice_times",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name_plural": "notice times", "ordering": ["user_id"]},
        ),
        migrations.CreateModel(
            name="Preset",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=16, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("purpose", models.CharField(blank=True, help_text="What it is good for.", max_length=300)),
                ("body", models.JSONField(help_text="Of a request: mix, placement, on_failure, duration_minutes.")),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="presets",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="presets", to="scheduler.project"
                    ),
                ),
            ],
            options={
                "ordering": ["project_id", "name", "id"],
                "constraints": [models.UniqueConstraint(fields=("project", "name"), name="preset_name_once")],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[("viewer", "viewer"), ("member", "member"), ("lead", "lead")],
                        default=scheduler.states.ProjectRole["MEMBER"],
                        max_length=16,
                    ),
                ),
                ("added_at", models.DateTimeField(auto_now_add=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="memberships", to="scheduler.project"
                    ),
                ),
            ],
            options={
                "ordering": ["project_id", "id"],
                "constraints": [models.UniqueConstraint(fields=("project", "user"), name="membership_once")],
            },
        ),
        migrations.CreateModel(
            name="Delegation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                (
                    "giver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="delegations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "taker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="delegated",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delegations",
                        to="scheduler.project",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="delegation_window"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("giver", models.F("taker")), _negated=True), name="delegation_to_another"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CapacityAlert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=16, unique=True)),
                ("request", models.JSONField()),
                ("not_before", models.DateTimeField()),
                ("not_after", models.DateTimeField()),
                ("duration_minutes", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField()),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
                ("told_at", models.DateTimeField(blank=True, help_text="Told once; then it is over.", null=True)),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="capacity_alerts", to="fabric.pool"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="capacity_alerts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="capacity_alerts",
                        to="scheduler.project",
                    ),
                ),
            ],
            options={"ordering": ["-id"]},
        ),
        migrations.CreateModel(
            name="ApprovalRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "priority",
                    models.CharField(
                        blank=True,
                        choices=[("production", "production"), ("normal", "normal"), ("low", "low")],
                        max_length=16,
                    ),
                ),
                (
                    "devices_over",
                    models.PositiveIntegerField(blank=True, help_text="Of the class, or accelerators.", null=True),
                ),
                ("hours_over", models.PositiveIntegerField(blank=True, help_text="Length of the window.", null=True)),
                ("usd_over", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                (
                    "route",
                    models.CharField(
                        choices=[("lead", "lead"), ("operator", "operator")],
                        default=scheduler.states.Route["LEAD"],
                        max_length=16,
                    ),
                ),
                (
                    "decide_minutes",
                    models.PositiveIntegerField(default=1440, help_text="Then the blocks are given back."),
                ),
                ("is_enabled", models.BooleanField(default=True)),
                (
                    "device_class",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="fabric.deviceclass",
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="approval_rules", to="fabric.pool"
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approval_rules",
                        to="scheduler.project",
                    ),
                ),
            ],
            options={"ordering": ["pool_id", "id"]},
        ),
        migrations.CreateModel(
            name="Quota",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "accelerators_max",
                    models.PositiveIntegerField(blank=True, help_text="Accelerators held at one instant.", null=True),
                ),
                (
                    "gpu_hours_per_month",
                    models.PositiveIntegerField(
                        blank=True, help_text="Accelerator-hours of a calendar month in the pool's zone.", null=True
                    ),
                ),
                (
                    "hours_per_7_days",
                    models.PositiveIntegerField(blank=True, help_text="Accelerator-hours, rolling.", null=True),
                ),
                (
                    "hours_per_30_days",
                    models.PositiveIntegerField(blank=True, help_text="Accelerator-hours, rolling.", null=True),
                ),
                (
                    "hours_ahead_max",
                    models.PositiveIntegerField(
                        blank=True, help_text="Accelerator-hours booked and not begun, at most.", null=True
                    ),
                ),
                (
                    "near_term_hours",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Idle capacity that begins so soon may exceed the quota, and is marked so.",
                        null=True,
                    ),
                ),
                (
                    "horizon_days",
                    models.PositiveSmallIntegerField(blank=True, help_text="None: the pool's.", null=True),
                ),
                (
                    "min_duration_minutes",
                    models.PositiveIntegerField(blank=True, help_text="None: the pool's.", null=True),
                ),
                (
                    "max_duration_hours",
                    models.PositiveIntegerField(blank=True, help_text="None: the pool's.", null=True),
                ),
                ("min_lead_minutes", models.PositiveIntegerField(blank=True, help_text="None: the pool's.", null=True)),
                (
                    "priority_max",
                    models.CharField(
                        choices=[("production", "production"), ("normal", "normal"), ("low", "low")],
                        default=scheduler.states.Priority["NORMAL"],
                        help_text="The highest it may book with.",
                        max_length=16,
                    ),
                ),
                ("budget_usd_per_month", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                (
                    "is_mig_only",
                    models.BooleanField(default=False, help_text="Only MIG slices may be booked, no whole cards."),
                ),
                ("share_percent", models.PositiveSmallIntegerField(default=0)),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="quotas", to="fabric.pool"
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="quotas", to="scheduler.project"
                    ),
                ),
            ],
            options={
                "ordering": ["project_id", "pool_id"],
                "constraints": [models.UniqueConstraint(fields=("project", "pool"), name="quota_once")],
            },
        ),
        migrations.CreateModel(
            name="Ceiling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(blank=True, help_text="Such as gpu or nvme; empty: of the class.", max_length=32),
                ),
                ("devices_max", models.PositiveIntegerField(blank=True, help_text="Held at one instant.", null=True)),
                (
                    "hours_per_month",
                    models.PositiveIntegerField(blank=True, help_text="Calendar month, pool's zone.", null=True),
                ),
                ("hours_per_7_days", models.PositiveIntegerField(blank=True, help_text="Rolling.", null=True)),
                ("hours_per_30_days", models.PositiveIntegerField(blank=True, help_text="Rolling.", null=True)),
                (
                    "hours_ahead_max",
                    models.PositiveIntegerField(blank=True, help_text="Booked and not begun.", null=True),
                ),
                (
                    "device_class",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="fabric.deviceclass",
                    ),
                ),
                (
                    "quota",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ceilings", to="scheduler.quota"
                    ),
                ),
            ],
            options={
                "ordering": ["quota_id", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("device_class__isnull", False), ("kind", "")),
                            models.Q(("device_class__isnull", True), models.Q(("kind", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="ceiling_of_one",
                    ),
                    models.UniqueConstraint(
                        fields=("quota", "device_class", "kind"), name="ceiling_once", nulls_distinct=False
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Rate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "priority",
                    models.CharField(
                        blank=True,
                        choices=[("production", "production"), ("normal", "normal"), ("low", "low")],
                        help_text="Empty: of every one.",
                        max_length=16,
                    ),
                ),
                (
                    "weekdays",
                    models.CharField(
                        default="1234567", help_text="ISO numbers, 1 is Monday; pool's zone.", max_length=7
                    ),
                ),
                (
                    "from_minute",
                    models.PositiveSmallIntegerField(default=0, help_text="Of the day in the pool's zone."),
                ),
                ("until_minute", models.PositiveSmallIntegerField(default=1440)),
                ("usd_per_hour", models.DecimalField(blank=True, decimal_places=4, max_digits=10, null=True)),
                ("percent", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField(blank=True, null=True)),
                (
                    "device_class",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="fabric.deviceclass",
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rates", to="fabric.pool"
                    ),
                ),
            ],
            options={
                "ordering": ["pool_id", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("percent__isnull", False), ("usd_per_hour__isnull", True)),
                            models.Q(
                                ("device_class__isnull", False),
                                ("percent__isnull", True),
                                ("usd_per_hour__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="rate_sets_or_scales",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until_minute__gt", models.F("from_minute")), ("until_minute__lte", 1440)),
                        name="rate_part_of_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=16, unique=True)),
                (
                    "former_bookers",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Ids of who had it before it was handed over: they do not consent.",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=120)),
                ("request", models.JSONField(help_text="The body it was asked with.")),
                ("plan", models.JSONField(help_text="scheduler.planning.plan: nodes, hosts, blocks.")),
                ("price", models.JSONField(help_text="Total and parts at the rates it was booked at.")),
                ("watts", models.PositiveIntegerField(default=0, help_text="Worst case of its devices.")),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("busy_from", models.DateTimeField(help_text="Start of the padded window: composing begins here.")),
                ("busy_until", models.DateTimeField()),
                ("is_now", models.BooleanField(default=False)),
                (
                    "is_pinned",
                    models.BooleanField(default=False, help_text="Its plan is never moved to make room for another."),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waitlisted", "waitlisted"),
                            ("held", "held"),
                            ("pending_approval", "pending approval"),
                            ("confirmed", "confirmed"),
                            ("composing", "composing"),
                            ("active", "active"),
                            ("releasing", "releasing"),
                            ("ended", "ended"),
                            ("cancelled", "cancelled"),
                            ("expired", "expired"),
                            ("rejected", "rejected"),
                            ("failed", "failed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("state_reason", models.CharField(blank=True, max_length=500)),
                (
                    "release_intent",
                    models.CharField(
                        blank=True, help_text="Where releasing leads: ended, cancelled or failed.", max_length=20
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("hold_expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "next_due_at",
                    models.DateTimeField(blank=True, help_text="When the lifecycle must look at it again.", null=True),
                ),
                (
                    "priority",
                    models.CharField(
                        choices=[("production", "production"), ("normal", "normal"), ("low", "low")],
                        default=scheduler.states.Priority["NORMAL"],
                        max_length=16,
                    ),
                ),
                (
                    "is_beyond_quota",
                    models.BooleanField(
                        default=False, help_text="Idle capacity taken near its time, beyond the project's ceilings."
                    ),
                ),
                (
                    "preempt_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Its people were told that it is taken apart then, for a higher priority.",
                        null=True,
                    ),
                ),
                (
                    "occurrence_at",
                    models.DateTimeField(blank=True, help_text="Where its series put it: RECURRENCE-ID.", null=True),
                ),
                (
                    "is_exception",
                    models.BooleanField(
                        default=False, help_text="Changed on its own: edits of the series leave it be."
                    ),
                ),
                (
                    "auto_extend_until",
                    models.DateTimeField(
                        blank=True, help_text="It is extended by itself, while it fits, up to then.", null=True
                    ),
                ),
                (
                    "elastic",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="By role: floor and ceiling of nodes, and a weekday profile.",
                    ),
                ),
                (
                    "idle_since",
                    models.DateTimeField(blank=True, help_text="No device of it was busy since then.", null=True),
                ),
                ("idle_warned_at", models.DateTimeField(blank=True, null=True)),
                ("starting_soon_told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "swaps",
                    models.PositiveSmallIntegerField(default=0, help_text="Devices swapped while it was composed."),
                ),
                (
                    "shortfall",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Devices it goes without: node, block, device_class, since, tried_until.",
                    ),
                ),
                ("ending_soon_told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "check_in_due_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Until when somebody must check in; none: the pool's policy asks for none.",
                        null=True,
                    ),
                ),
                ("checked_in_at", models.DateTimeField(blank=True, null=True)),
                ("active_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "copied_from",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
                        to="scheduler.reservation",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "idempotency_key",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reservation",
                        to="scheduler.idempotencykey",
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reservations", to="fabric.pool"
                    ),
                ),
                (
                    "preempted_for",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="preempted",
                        to="scheduler.reservation",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reservations", to="scheduler.project"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("operate_pool", "May cordon, quarantine and force-release"),
                    ("view_all", "May see every project"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Quote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=16, unique=True)),
                ("request", models.JSONField()),
                ("plan", models.JSONField()),
                ("price", models.JSONField()),
                ("watts", models.PositiveIntegerField()),
                ("warm_up_seconds", models.PositiveIntegerField()),
                ("expires_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quotes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="quotes", to="fabric.pool"
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="quotes", to="scheduler.project"
                    ),
                ),
                (
                    "accepted_as",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quote",
                        to="scheduler.reservation",
                    ),
                ),
            ],
            options={"ordering": ["-id"]},
        ),
        migrations.CreateModel(
            name="Operation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("compose", "compose"), ("release", "release"), ("resize", "resize")], max_length=16
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("dropped", "dropped"),
                        ],
                        default=scheduler.states.OperationState["QUEUED"],
                        max_length=16,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("deadline_at", models.DateTimeField()),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("fence", models.BigIntegerField(default=0)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("lease_owner", models.CharField(blank=True, max_length=100)),
                ("hinted_at", models.DateTimeField(blank=True, null=True)),
                ("last_error", models.CharField(blank=True, max_length=500)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "composition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="operations", to="fabric.composition"
                    ),
                ),
                (
                    "fabric_manager",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="operations",
                        to="fabric.fabricmanager",
                    ),
                ),
                (
                    "resize",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="operations",
                        to="fabric.resize",
                    ),
                ),
                (
                    "reservation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="operations",
                        to="scheduler.reservation",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            (
                                "state__in",
                                [scheduler.states.OperationState["QUEUED"], scheduler.states.OperationState["RUNNING"]],
                            )
                        ),
                        fields=["due_at", "id"],
                        name="operation_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [scheduler.states.OperationState["QUEUED"], scheduler.states.OperationState["RUNNING"]],
                            )
                        ),
                        fields=("composition", "kind"),
                        name="operation_one_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="scheduler.journalentry"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "reservation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="scheduler.reservation",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["user", "-id"], name="notice_of_user")],
                "constraints": [models.UniqueConstraint(fields=("user", "entry"), name="notice_once")],
            },
        ),
        migrations.AddField(
            model_name="journalentry",
            name="reservation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="journal",
                to="scheduler.reservation",
            ),
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("route", models.CharField(choices=[("lead", "lead"), ("operator", "operator")], max_length=16)),
                ("because", models.JSONField(default=list, help_text="What of the rules applied, in words.")),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("approved", "approved"),
                            ("rejected", "rejected"),
                            ("expired", "expired"),
                            ("withdrawn", "withdrawn"),
                        ],
                        max_length=16,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "on_behalf_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reservation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="scheduler.reservation",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("verdict", "")), fields=("reservation",), name="approval_one_open"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("node", models.PositiveSmallIntegerField()),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField(help_text="Padded, half-open.")),
                (
                    "is_holding",
                    models.BooleanField(default=True, help_text="False once it is given back; kept as history."),
                ),
                (
                    "watts",
                    models.PositiveIntegerField(
                        blank=True, help_text="Of a block under a power cap, else null.", null=True
                    ),
                ),
                (
                    "network",
                    models.CharField(
                        blank=True, help_text="Of a host: the RDMA network it is joined to.", max_length=64
                    ),
                ),
                (
                    "rails",
                    models.PositiveSmallIntegerField(default=0, help_text="Of a host: ports of that network it takes."),
                ),
                (
                    "planes",
                    models.JSONField(
                        blank=True, default=dict, help_text="Of a host: optical plane of its link to each PRU."
                    ),
                ),
                (
                    "changed_in",
                    models.BigIntegerField(
                        default=0, help_text="The pool's generation that wrote this row last: readers catch up by it."
                    ),
                ),
                (
                    "block",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="fabric.resourceblock",
                    ),
                ),
                (
                    "host",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="fabric.host",
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="fabric.pool"
                    ),
                ),
                (
                    "maintenance",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="scheduler.maintenance",
                    ),
                ),
                (
                    "reservation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="scheduler.reservation",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_holding", True)),
                        fields=["pool", "is_holding"],
                        name="allocation_in_pool",
                    ),
                    models.Index(fields=["pool", "changed_in"], name="allocation_changes"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("block__isnull", False), ("host__isnull", True)),
                            models.Q(("block__isnull", True), ("host__isnull", False)),
                            _connector="OR",
                        ),
                        name="allocation_of_one_unit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("maintenance__isnull", True), ("reservation__isnull", False)),
                            models.Q(("maintenance__isnull", False), ("reservation__isnull", True)),
                            _connector="OR",
                        ),
                        name="allocation_for_one_purpose",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("during__isempty", False), ("is_holding", False), _connector="OR"),
                        name="allocation_not_empty",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("block__isnull", False), ("is_holding", True)),
                        expressions=[
                            (
                                models.Func(
                                    models.F("block"),
                                    models.F("block"),
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            ("during", "&&"),
                        ],
                        name="allocation_block_once",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("host__isnull", False), ("is_holding", True)),
                        expressions=[
                            (
                                models.Func(
                                    models.F("host"),
                                    models.F("host"),
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            ("during", "&&"),
                        ],
                        name="allocation_host_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=16, unique=True)),
                ("title", models.CharField(blank=True, max_length=120)),
                ("rule", models.CharField(help_text="RRULE, without the name.", max_length=300)),
                ("time_zone", models.CharField(help_text="IANA name: the requester's.", max_length=64)),
                (
                    "starts_local",
                    models.CharField(help_text="Wall clock of the first start, without an offset.", max_length=19),
                ),
                (
                    "duration_minutes",
                    models.PositiveIntegerField(help_text="Of elapsed time, also across a change of the clocks."),
                ),
                ("request", models.JSONField(help_text="Of a reservation, without its times.")),
                (
                    "on_misfit",
                    models.CharField(
                        choices=[("refuse", "refuse"), ("skip", "skip")],
                        default=scheduler.states.Misfit["REFUSE"],
                        max_length=16,
                    ),
                ),
                (
                    "in_gap",
                    models.CharField(
                        blank=True, help_text="A start that the clocks leave out: later or skip.", max_length=8
                    ),
                ),
                (
                    "in_fold",
                    models.CharField(blank=True, help_text="A start that comes twice: first or second.", max_length=8),
                ),
                ("excluded", models.JSONField(blank=True, default=list, help_text="Local starts taken out: EXDATE.")),
                (
                    "misfits",
                    models.JSONField(blank=True, default=list, help_text="Occurrences that were not granted, and why."),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="series",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="series", to="fabric.pool"
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="series", to="scheduler.project"
                    ),
                ),
            ],
            options={"verbose_name_plural": "series", "ordering": ["-id"]},
        ),
        migrations.AddField(
            model_name="reservation",
            name="series",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="occurrences",
                to="scheduler.series",
            ),
        ),
        migrations.CreateModel(
            name="Utilisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("percent", models.PositiveSmallIntegerField(help_text="Mean activity since the sample before.")),
                ("source", models.CharField(blank=True, max_length=64)),
                (
                    "block",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="utilisation",
                        to="fabric.resourceblock",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "utilisation",
                "ordering": ["-at", "block_id"],
                "indexes": [models.Index(fields=["at"], name="utilisation_by_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("block", "at"), name="utilisation_once"),
                    models.CheckConstraint(condition=models.Q(("percent__lte", 100)), name="utilisation_percent"),
                ],
            },
        ),
        migrations.CreateModel(
            name="WaitlistEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("not_before", models.DateTimeField()),
                ("not_after", models.DateTimeField(help_text="The latest end.")),
                ("duration_minutes", models.PositiveIntegerField()),
                (
                    "is_auto_accepted",
                    models.BooleanField(default=False, help_text="Booked at once when its turn comes, not offered."),
                ),
                ("accept_minutes", models.PositiveSmallIntegerField(help_text="That an offer is kept.")),
                ("queued_at", models.DateTimeField(help_text="Since when it waits; kept by what was preempted.")),
                (
                    "is_front",
                    models.BooleanField(default=False, help_text="Was preempted: before the others of its class."),
                ),
                ("offers", models.PositiveSmallIntegerField(default=0)),
                ("estimated_at", models.DateTimeField(blank=True, help_text="When it is likely to begin.", null=True)),
                ("estimate", models.JSONField(blank=True, default=dict, help_text="What the estimate rests on.")),
                ("reasons", models.JSONField(blank=True, default=list, help_text="Refusals of the last look.")),
                (
                    "guarded_from",
                    models.DateTimeField(
                        blank=True,
                        help_text="Kept for it from then on, so that smaller ones do not starve it.",
                        null=True,
                    ),
                ),
                (
                    "guard",
                    models.JSONField(
                        blank=True, default=dict, help_text="scheduler.planning.plan of what is kept for it."
                    ),
                ),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "looked_in",
                    models.BigIntegerField(blank=True, help_text="The pool's generation of the last look.", null=True),
                ),
                (
                    "reservation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="waiting", to="scheduler.reservation"
                    ),
                ),
            ],
            options={
                "ordering": ["reservation_id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("guarded_from__isnull", False)),
                        fields=["guarded_from"],
                        name="waiting_guarded",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("not_after__gt", models.F("not_before"))), name="waiting_between"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=16, unique=True)),
                ("url", models.CharField(max_length=500)),
                ("description", models.CharField(blank=True, max_length=120)),
                (
                    "kinds",
                    models.JSONField(
                        blank=True, default=list, help_text="Kinds of journal entry it wants; none: every one."
                    ),
                ),
                ("sealed_secret", models.CharField(max_length=400)),
                ("sealed_old_secret", models.CharField(blank=True, max_length=400)),
                ("old_secret_until", models.DateTimeField(blank=True, null=True)),
                ("read_transaction", models.BigIntegerField(default=0)),
                ("read_entry", models.BigIntegerField(default=0)),
                (
                    "failing_since",
                    models.DateTimeField(blank=True, help_text="No delivery has succeeded since.", null=True),
                ),
                ("disabled_at", models.DateTimeField(blank=True, null=True)),
                ("disabled_reason", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="webhooks",
                        to="scheduler.project",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("disabled_at__isnull", True)), fields=["id"], name="webhook_in_use"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "message_id",
                    models.CharField(help_text="`webhook-id`: the same in every try.", max_length=40, unique=True),
                ),
                ("kind", models.CharField(max_length=64)),
                ("body", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "pending"), ("delivered", "delivered"), ("failed", "failed")],
                        default=scheduler.states.DeliveryState["PENDING"],
                        max_length=16,
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "entry",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheduler.journalentry",
                    ),
                ),
                (
                    "replay_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="replays",
                        to="scheduler.webhookdelivery",
                    ),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="scheduler.webhook"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "webhook deliveries",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)), fields=["due_at", "id"], name="delivery_due"
                    ),
                    models.Index(fields=["webhook", "-id"], name="delivery_of_webhook"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("replay_of__isnull", True)),
                        fields=("webhook", "entry"),
                        name="delivery_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookTry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("status", models.PositiveSmallIntegerField(blank=True, help_text="None: no answer came.", null=True)),
                ("milliseconds", models.PositiveIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=300)),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempts",
                        to="scheduler.webhookdelivery",
                    ),
                ),
            ],
            options={"verbose_name_plural": "webhook tries", "ordering": ["id"]},
        ),
        migrations.AddIndex(
            model_name="journalentry", index=models.Index(fields=["transaction_id", "id"], name="journal_order")
        ),
        migrations.AddIndex(
            model_name="journalentry",
            index=models.Index(fields=["reservation", "transaction_id", "id"], name="journal_of_reservation"),
        ),
        migrations.AddIndex(
            model_name="journalentry",
            index=models.Index(fields=["project", "transaction_id", "id"], name="journal_of_project"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="journalentry",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c24fcef8c7a72ed81b20b1e362423e4c0de37276",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_dca0d",
                    table="scheduler_journalentry",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(
                condition=models.Q(("next_due_at__isnull", False)), fields=["next_due_at", "id"], name="reservation_due"
            ),
        ),
        migrations.AddIndex(
            model_name="reservation", index=models.Index(fields=["project", "-id"], name="reservation_of_project")
        ),
        migrations.AddIndex(
            model_name="reservation", index=models.Index(fields=["pool", "state"], name="reservation_in_pool")
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            scheduler.states.ReservationState["ACTIVE"],
                            scheduler.states.ReservationState["COMPOSING"],
                            scheduler.states.ReservationState["CONFIRMED"],
                            scheduler.states.ReservationState["HELD"],
                            scheduler.states.ReservationState["PENDING_APPROVAL"],
                            scheduler.states.ReservationState["RELEASING"],
                            scheduler.states.ReservationState["WAITLISTED"],
                        ],
                    )
                ),
                fields=["created_by", "busy_from", "id"],
                name="reservation_own",
            ),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            scheduler.states.ReservationState["ACTIVE"],
                            scheduler.states.ReservationState["COMPOSING"],
                            scheduler.states.ReservationState["CONFIRMED"],
                            scheduler.states.ReservationState["HELD"],
                            scheduler.states.ReservationState["PENDING_APPROVAL"],
                            scheduler.states.ReservationState["RELEASING"],
                            scheduler.states.ReservationState["WAITLISTED"],
                        ],
                    )
                ),
                fields=["project", "starts_at", "id"],
                name="reservation_ahead",
            ),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(fields=["project", "busy_from", "busy_until"], name="reservation_in_period"),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(
                condition=models.Q(("preempt_at__isnull", False)), fields=["preempt_at"], name="reservation_giving_way"
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="reservation_window"
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(("busy_from__lte", models.F("starts_at")), ("busy_until__gte", models.F("ends_at"))),
                name="reservation_padding",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("series__isnull", False)),
                fields=("series", "occurrence_at"),
                name="reservation_of_series_once",
            ),
        ),
    ]
