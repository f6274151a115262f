"""The documentation for people: its script and its page come from us alone."""

from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from portal.web.csp import SELF, STRICT, UNSAFE_INLINE, csp_override


class DocsView(SpectacularSwaggerSplitView):
    """The split view needs no inline script, which the content security policy would forbid; its styles are inline."""

    url_name = "api-schema"
    authentication_classes = ()
    permission_classes = (AllowAny,)


docs = csp_override({**STRICT, "style-src": [SELF, UNSAFE_INLINE]})(DocsView.as_view())
