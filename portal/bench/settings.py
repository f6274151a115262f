"""The portal's settings, with the views beside it that its own are compared with."""

from portal.settings import *  # noqa: F403 - all of it, as it runs

ROOT_URLCONF = "portal.bench.urls"
