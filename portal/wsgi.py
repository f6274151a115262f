"""Pages and API for a WSGI server, without the live socket (see docs/decisions/0013).

A `wait` holds a thread of it for as long as it waits: a proxy in front sends those to the ASGI process instead.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()
