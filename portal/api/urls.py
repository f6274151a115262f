"""`/api/`: version 1, its schema and its documentation, and a problem document for everything else."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from portal.api.docs import docs
from portal.api.schema import Generator
from portal.api.views import NothingHere

urlpatterns = [
    path("v1/", include("portal.api.v1.urls")),
    path("schema/", SpectacularAPIView.as_view(generator_class=Generator), name="api-schema"),
    path("docs/", docs, name="api-docs"),
    re_path(r"", NothingHere.as_view()),
]
