"""A letter tells of a journal entry, whether or not the portal tells of it too. No letter was written before this."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scheduler", "0010_policy_and_lifecycle")]

    operations = [
        migrations.RemoveField(model_name="letter", name="notice"),
        migrations.AddField(
            model_name="letter",
            name="entry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="scheduler.journalentry"
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.UniqueConstraint(fields=("user", "entry"), name="letter_once"),
        ),
    ]
