"""The portal's settings, with the servers, the data folder and the speed of a test session."""

from tests import servers

servers.announce()

from portal.settings import *  # noqa: E402, F403 - only now is the environment complete

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# One cast makes thousands of calls, and signs in with wrong passwords too; who tests a limit sets it.
HEDDLE_API_RATE = HEDDLE_API_PROJECT_RATE = None
HEDDLE_PASSWORD_RATE = HEDDLE_PASSWORD_ACCOUNT_RATE = HEDDLE_PASSWORD_ADDRESS_RATE = None
# Every test client builds the middleware anew, which would look through all static files each time (0.15 s).
SERVESTATIC_USE_FINDERS = SERVESTATIC_USE_STATIC_ROOT = False
