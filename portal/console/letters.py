"""What is told by mail, and how busy devices are: to look at."""

from django.contrib import admin

from portal.console.bases import ReadOnlyAdmin
from scheduler import models


@admin.register(models.Letter)
class LetterAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "entry", "state", "due_at", "tries", "sent_at", "last_error")
    list_filter = ("state", "due_at")
    search_fields = ("user__username", "entry__reference", "sent_in")
    list_select_related = ("user", "entry")


@admin.register(models.NoticeTimes)
class NoticeTimesAdmin(ReadOnlyAdmin):
    list_display = ("user", "quiet_from", "quiet_until", "digest_at")
    search_fields = ("user__username",)
    list_select_related = ("user",)


@admin.register(models.Utilisation)
class UtilisationAdmin(ReadOnlyAdmin):
    list_display = ("block", "at", "percent", "source")
    list_filter = ("at",)
    search_fields = ("block__code", "source")
    list_select_related = ("block",)
