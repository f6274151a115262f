from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("scheduler", "0012_waiting_guard"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(
                condition=Q(("preempt_at__isnull", False)), fields=["preempt_at"], name="reservation_giving_way"
            ),
        ),
    ]
