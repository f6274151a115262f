"""The portal's pages behind Django's own ASGI handler, which ours is held against."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.bench.settings")
application = get_asgi_application()
