"""The pages' addresses."""

from django.urls import URLPattern, path

app_name = "web"
urlpatterns: list[URLPattern] = []
