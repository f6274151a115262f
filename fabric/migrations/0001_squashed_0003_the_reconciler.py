import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("fabric", "0001_inventory_and_compositions"),
        ("fabric", "0002_configure_cards_and_inventory_generation"),
        ("fabric", "0003_the_reconciler"),
    ]
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="DeviceClass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("vendor", models.CharField(max_length=100)),
                ("kind", models.CharField(max_length=32)),
                ("poolability", models.CharField(max_length=32)),
                ("tdp_w", models.PositiveIntegerField(blank=True, null=True)),
                ("memory_gib", models.FloatField(blank=True, null=True)),
                ("rate_usd_per_hour", models.DecimalField(blank=True, decimal_places=4, max_digits=10, null=True)),
                ("facts", models.JSONField()),
            ],
            options={"verbose_name_plural": "device classes", "ordering": ["code"]},
        ),
        migrations.CreateModel(
            name="FabricManager",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=64)),
                ("driver", models.CharField(default="emulator", max_length=32)),
                ("endpoint", models.CharField(blank=True, max_length=500)),
                ("medium", models.CharField(blank=True, max_length=32)),
                (
                    "planes",
                    models.JSONField(default=list, help_text="Optical planes: id, switch, ports, reconfigure_ms."),
                ),
                (
                    "profile",
                    models.JSONField(
                        blank=True, default=dict, help_text="What an operator overlays on the driver's capabilities."
                    ),
                ),
                ("max_parallel_mutations", models.PositiveSmallIntegerField(default=1)),
                ("is_paused", models.BooleanField(default=False, help_text="No mutations; reads go on.")),
                ("paused_reason", models.CharField(blank=True, max_length=300)),
                (
                    "paused_by",
                    models.CharField(blank=True, help_text="A person, or the circuit breaker.", max_length=150),
                ),
                ("paused_at", models.DateTimeField(blank=True, null=True)),
                (
                    "sealed_credentials",
                    models.TextField(blank=True, editable=False, help_text="Encrypted; never shown."),
                ),
                ("events_cursor", models.CharField(blank=True, editable=False, max_length=200)),
                ("listed_at", models.DateTimeField(blank=True, help_text="Its last complete listing.", null=True)),
                (
                    "listing_error",
                    models.CharField(blank=True, help_text="Why the last listing failed, if it did.", max_length=300),
                ),
            ],
            options={"ordering": ["pool_id", "code"]},
        ),
        migrations.CreateModel(
            name="Host",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("free", "free"),
                            ("attaching", "attaching"),
                            ("attached", "attached"),
                            ("detaching", "detaching"),
                            ("cleaning", "cleaning"),
                            ("quarantined", "quarantined"),
                            ("missing", "missing"),
                        ],
                        default="free",
                        max_length=16,
                    ),
                ),
                ("state_reason", models.CharField(blank=True, max_length=300)),
                ("is_cordoned", models.BooleanField(default=False)),
                ("cordon_reason", models.CharField(blank=True, max_length=300)),
                ("cordoned_by", models.CharField(blank=True, max_length=150)),
                ("unit", models.PositiveSmallIntegerField()),
                ("template", models.CharField(max_length=64)),
                ("model", models.CharField(max_length=200)),
                ("is_fixed", models.BooleanField(default=False)),
                ("address", models.CharField(blank=True, help_text="How a tenant reaches it.", max_length=200)),
                (
                    "boot_id",
                    models.CharField(blank=True, help_text="Of its last boot, where the fabric tells.", max_length=64),
                ),
                ("base_w", models.PositiveIntegerField()),
                (
                    "facts",
                    models.JSONField(
                        help_text="Sockets, cores, memory, ports, limits, local devices, fabric partitions."
                    ),
                ),
            ],
            options={"ordering": ["pool_id", "code"], "abstract": False},
        ),
        migrations.CreateModel(
            name="Pool",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("time_zone", models.CharField(max_length=64)),
                ("currency", models.CharField(max_length=3)),
                (
                    "generation",
                    models.BigIntegerField(
                        default=0, help_text="Moves with every accepted change of allocations or inventory."
                    ),
                ),
                (
                    "inventory_generation",
                    models.BigIntegerField(
                        default=0,
                        help_text="Moves with every change of what can be planned with, but not with allocations.",
                    ),
                ),
                ("policy", models.JSONField(help_text="Keys of `policy` in the pool file.")),
                ("simulation", models.JSONField(blank=True, default=dict)),
                ("source", models.CharField(blank=True, help_text="The file it was loaded from.", max_length=300)),
                ("synced_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={"ordering": ["code"]},
        ),
        migrations.CreateModel(
            name="Composition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tag",
                    models.CharField(
                        help_text="The name on the fabric: portal, owner, node, generation.", max_length=64, unique=True
                    ),
                ),
                ("owner", models.CharField(db_index=True, max_length=32)),
                ("node", models.PositiveSmallIntegerField()),
                ("role", models.CharField(blank=True, max_length=64)),
                (
                    "generation",
                    models.PositiveIntegerField(
                        default=1, help_text="Bumped with every new attempt; names are never reused."
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("opened", "opened"),
                            ("composing", "composing"),
                            ("composed", "composed"),
                            ("resizing", "resizing"),
                            ("decomposing", "decomposing"),
                            ("closed", "closed"),
                        ],
                        default="opened",
                        max_length=16,
                    ),
                ),
                ("state_reason", models.CharField(blank=True, max_length=500)),
                (
                    "settings",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="By block code: `layout` (MIG profile → slices) and `power_cap_w`.",
                    ),
                ),
                (
                    "access",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Set by GRANT: host address and each device's slot, serial, PCI id.",
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("composed_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "fabric_manager",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="fabric.fabricmanager"),
                ),
                (
                    "host",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="compositions", to="fabric.host"
                    ),
                ),
                ("pool", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="fabric.pool")),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.AddField(
            model_name="host",
            name="pool",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="fabric.pool"),
        ),
        migrations.AddField(
            model_name="fabricmanager",
            name="pool",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="fabric_managers", to="fabric.pool"
            ),
        ),
        migrations.CreateModel(
            name="Drift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("orphan", "orphan"),
                            ("foreign", "foreign"),
                            ("lost", "lost"),
                            ("elsewhere", "elsewhere"),
                            ("absent", "absent"),
                            ("unhealthy", "unhealthy"),
                            ("changed", "changed"),
                        ],
                        max_length=16,
                    ),
                ),
                ("tag", models.CharField(blank=True, max_length=64)),
                ("expected", models.CharField(blank=True, max_length=200)),
                ("observed", models.CharField(blank=True, max_length=200)),
                (
                    "sightings",
                    models.PositiveIntegerField(
                        default=1,
                        help_text="Complete listings in a row that showed just this; a partial one says nothing.",
                    ),
                ),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "resolution",
                    models.CharField(blank=True, help_text="What was done about it, and by whom.", max_length=300),
                ),
                ("pool", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="fabric.pool")),
            ],
            options={"ordering": ["-id"]},
        ),
        migrations.CreateModel(
            name="Rack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=64)),
                ("is_present", models.BooleanField(default=True)),
                ("room", models.CharField(blank=True, max_length=64)),
                ("height_u", models.PositiveSmallIntegerField()),
                ("budget_w", models.PositiveIntegerField()),
                ("cooling_limit_w", models.PositiveIntegerField()),
                ("facts", models.JSONField(default=dict, help_text="`power` and `cooling` of the pool file.")),
                ("pool", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="fabric.pool")),
            ],
            options={
                "ordering": ["pool_id", "code"],
                "abstract": False,
                "constraints": [models.UniqueConstraint(fields=("pool", "code"), name="rack_code")],
            },
        ),
        migrations.CreateModel(
            name="Pru",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=64)),
                ("is_present", models.BooleanField(default=True)),
                ("unit", models.PositiveSmallIntegerField()),
                ("template", models.CharField(max_length=64)),
                ("model", models.CharField(max_length=200)),
                ("base_w", models.PositiveIntegerField()),
                ("facts", models.JSONField(help_text="Uplinks, slots and switches of the template.")),
                ("pool", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="fabric.pool")),
                (
                    "rack",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="prus", to="fabric.rack"
                    ),
                ),
            ],
            options={"verbose_name": "PRU", "ordering": ["pool_id", "code"], "abstract": False},
        ),
        migrations.AddField(
            model_name="host",
            name="rack",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="hosts", to="fabric.rack"
            ),
        ),
        migrations.CreateModel(
            name="Repair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("detach", "detach"), ("clean", "clean")], max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("done", "done"), ("failed", "failed")],
                        default="open",
                        max_length=16,
                    ),
                ),
                ("op_key", models.CharField(max_length=120, unique=True)),
                ("tag", models.CharField(blank=True, help_text="Of the orphan that is taken apart.", max_length=64)),
                ("blocks", models.JSONField(default=list, help_text="Codes of the blocks it acts on.")),
                ("reason", models.CharField(max_length=300)),
                ("by_name", models.CharField(max_length=150)),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("message", models.CharField(blank=True, help_text="How it went last.", max_length=500)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "drift",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repairs",
                        to="fabric.drift",
                    ),
                ),
                (
                    "fabric_manager",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="repairs", to="fabric.fabricmanager"
                    ),
                ),
                ("pool", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="fabric.pool")),
            ],
            options={"ordering": ["-id"]},
        ),
        migrations.CreateModel(
            name="Resize",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.PositiveSmallIntegerField(help_text="From 1: its steps carry the same number.")),
                ("adds", models.JSONField(default=list, help_text="Codes of blocks.")),
                ("removes", models.JSONField(default=list, help_text="Codes of blocks.")),
                (
                    "settings",
                    models.JSONField(
                        blank=True, default=dict, help_text="By code of an added block, as of a composition."
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("done", "done"), ("undone", "undone")],
                        default="open",
                        max_length=16,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("opened_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "composition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="resizes", to="fabric.composition"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("composition", "round"), name="resize_round"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")), fields=("composition",), name="resize_one_open"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ResourceBlock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("free", "free"),
                            ("attaching", "attaching"),
                            ("attached", "attached"),
                            ("detaching", "detaching"),
                            ("cleaning", "cleaning"),
                            ("quarantined", "quarantined"),
                            ("missing", "missing"),
                        ],
                        default="free",
                        max_length=16,
                    ),
                ),
                ("state_reason", models.CharField(blank=True, max_length=300)),
                ("is_cordoned", models.BooleanField(default=False)),
                ("cordon_reason", models.CharField(blank=True, max_length=300)),
                ("cordoned_by", models.CharField(blank=True, max_length=150)),
                ("switch", models.CharField(blank=True, max_length=32)),
                ("slot_kind", models.CharField(max_length=16)),
                ("slot", models.PositiveSmallIntegerField()),
                ("bridge_group", models.CharField(blank=True, max_length=64)),
                ("is_mig_capable", models.BooleanField(default=False)),
                (
                    "device_class",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="blocks", to="fabric.deviceclass"
                    ),
                ),
                (
                    "fixed_host",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fixed_blocks",
                        to="fabric.host",
                    ),
                ),
                ("pool", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="fabric.pool")),
                (
                    "pru",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="blocks",
                        to="fabric.pru",
                    ),
                ),
            ],
            options={"ordering": ["pool_id", "code"], "abstract": False},
        ),
        migrations.CreateModel(
            name="ReleaseProof",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_proven", models.BooleanField()),
                ("evidence", models.JSONField()),
                ("observed_at", models.DateTimeField()),
                (
                    "composition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="proofs", to="fabric.composition"
                    ),
                ),
                (
                    "block",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="proofs", to="fabric.resourceblock"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [models.UniqueConstraint(fields=("composition", "block"), name="proof_once_per_block")],
            },
        ),
        migrations.AddField(
            model_name="drift",
            name="block",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="drifts",
                to="fabric.resourceblock",
            ),
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("serial", models.CharField(max_length=64)),
                ("pci_id", models.CharField(blank=True, max_length=16)),
                (
                    "block",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="devices", to="fabric.resourceblock"
                    ),
                ),
            ],
            options={
                "ordering": ["block_id", "id"],
                "constraints": [models.UniqueConstraint(fields=("block", "serial"), name="device_serial")],
            },
        ),
        migrations.AddField(
            model_name="composition",
            name="blocks",
            field=models.ManyToManyField(related_name="compositions", to="fabric.resourceblock"),
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(blank=True, null=True)),
                (
                    "composition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="fabric.composition"
                    ),
                ),
                (
                    "host",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="fabric.host"
                    ),
                ),
                (
                    "block",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="fabric.resourceblock",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("block",),
                        name="attachment_one_open_per_block",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"),
                        name="attachment_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Zone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=64)),
                ("is_present", models.BooleanField(default=True)),
                (
                    "fabric_manager",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="zones", to="fabric.fabricmanager"
                    ),
                ),
                ("pool", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="fabric.pool")),
            ],
            options={
                "ordering": ["pool_id", "code"],
                "abstract": False,
                "constraints": [models.UniqueConstraint(fields=("pool", "code"), name="zone_code")],
            },
        ),
        migrations.AddField(
            model_name="resourceblock",
            name="zone",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="blocks",
                to="fabric.zone",
            ),
        ),
        migrations.AddField(
            model_name="pru",
            name="zone",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="prus",
                to="fabric.zone",
            ),
        ),
        migrations.AddField(
            model_name="host",
            name="zone",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="hosts",
                to="fabric.zone",
            ),
        ),
        migrations.CreateModel(
            name="CompositionStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(help_text="Order in the composition's whole story.")),
                (
                    "round",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="0 is the first wiring; else of which resize."
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("inspect", "inspect"),
                            ("quiesce", "quiesce"),
                            ("configure", "configure"),
                            ("compose", "compose"),
                            ("prove", "prove"),
                            ("grant", "grant"),
                            ("resize", "resize"),
                            ("drain", "drain"),
                            ("revoke", "revoke"),
                            ("decompose", "decompose"),
                            ("clean", "clean"),
                            ("prove_gone", "prove gone"),
                        ],
                        max_length=16,
                    ),
                ),
                ("is_undo", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "pending"),
                            ("started", "started"),
                            ("done", "done"),
                            ("not_done", "not done"),
                            ("unknown", "unknown"),
                        ],
                        default="pending",
                        max_length=16,
                    ),
                ),
                ("op_key", models.CharField(max_length=100, unique=True)),
                ("attempt", models.PositiveIntegerField()),
                ("fence", models.BigIntegerField()),
                ("target", models.JSONField(help_text="Host and block codes this step acts on.")),
                (
                    "lines",
                    models.JSONField(
                        blank=True, default=list, help_text="Outcome by block: block, outcome, seconds, reason."
                    ),
                ),
                ("error", models.CharField(blank=True, help_text="Class of the driver's error.", max_length=32)),
                ("message", models.CharField(blank=True, max_length=500)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "composition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="fabric.composition"
                    ),
                ),
            ],
            options={
                "ordering": ["composition_id", "position"],
                "constraints": [models.UniqueConstraint(fields=("composition", "position"), name="step_position")],
            },
        ),
        migrations.CreateModel(
            name="DriverNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("op_key", models.CharField(max_length=120)),
                ("kind", models.CharField(max_length=16)),
                ("tag", models.CharField(blank=True, max_length=64)),
                ("body", models.JSONField()),
                (
                    "fabric_manager",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="fabric.fabricmanager"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["fabric_manager", "tag"], name="note_by_tag")],
                "constraints": [
                    models.UniqueConstraint(fields=("fabric_manager", "op_key"), name="note_once_per_operation")
                ],
            },
        ),
        migrations.CreateModel(
            name="DriverBlock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=200)),
                ("is_used", models.BooleanField(default=False)),
                (
                    "fabric_manager",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="seen_blocks",
                        to="fabric.fabricmanager",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [models.UniqueConstraint(fields=("fabric_manager", "code"), name="seen_block_once")],
            },
        ),
        migrations.CreateModel(
            name="MutationTurn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("op_key", models.CharField(max_length=120)),
                ("until", models.DateTimeField(help_text="When it may be taken by somebody else.")),
                (
                    "fabric_manager",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="turns", to="fabric.fabricmanager"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("fabric_manager", "op_key"), name="turn_once_per_operation")
                ],
            },
        ),
        migrations.CreateModel(
            name="Network",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=64)),
                ("is_present", models.BooleanField(default=True)),
                ("protocol", models.CharField(max_length=32)),
                ("rails", models.PositiveSmallIntegerField()),
                ("port_rate_gbit_per_s", models.PositiveIntegerField()),
                ("switch_ports", models.PositiveIntegerField()),
                ("pool", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="fabric.pool")),
            ],
            options={
                "ordering": ["pool_id", "code"],
                "abstract": False,
                "constraints": [models.UniqueConstraint(fields=("pool", "code"), name="network_code")],
            },
        ),
        migrations.AddConstraint(
            model_name="fabricmanager",
            constraint=models.UniqueConstraint(fields=("pool", "code"), name="fabric_manager_code"),
        ),
        migrations.AddConstraint(
            model_name="drift",
            constraint=models.UniqueConstraint(
                condition=models.Q(("block__isnull", False), ("resolved_at__isnull", True)),
                fields=("block", "kind"),
                name="drift_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="composition",
            constraint=models.UniqueConstraint(fields=("owner", "node", "generation"), name="composition_generation"),
        ),
        migrations.AddConstraint(
            model_name="composition",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["composed", "composing", "decomposing", "opened", "resizing"])),
                fields=("owner", "node"),
                name="composition_one_live_per_node",
            ),
        ),
        migrations.AddIndex(
            model_name="resourceblock", index=models.Index(fields=["pool", "device_class"], name="block_by_class")
        ),
        migrations.AddConstraint(
            model_name="resourceblock", constraint=models.UniqueConstraint(fields=("pool", "code"), name="block_code")
        ),
        migrations.AddConstraint(
            model_name="resourceblock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("fixed_host__isnull", True), ("pru__isnull", False)),
                    models.Q(("fixed_host__isnull", False), ("pru__isnull", True)),
                    _connector="OR",
                ),
                name="block_in_one_chassis",
            ),
        ),
        migrations.AddConstraint(
            model_name="pru", constraint=models.UniqueConstraint(fields=("pool", "code"), name="pru_code")
        ),
        migrations.AddConstraint(
            model_name="host", constraint=models.UniqueConstraint(fields=("pool", "code"), name="host_code")
        ),
    ]
