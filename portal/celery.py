"""Celery is the arm, the database is the queue: a message is a hint that may be lost, doubled or late.

So messages are acknowledged early, nothing is kept as a result, and nothing is scheduled far ahead: the lease in the
`Operation` row, not the broker, brings work back that a dead worker had.
"""

from celery import Celery

app = Celery("heddle")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["scheduler"])
