"""The documentation for people: its script and its page come from us alone."""

from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny


class DocsView(SpectacularSwaggerSplitView):
    """The split view needs no inline script, which the content security policy would forbid."""

    url_name = "api-schema"
    authentication_classes = ()
    permission_classes = (AllowAny,)
