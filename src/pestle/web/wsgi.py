"""The application that a WSGI server runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pestle.web.settings")
application = get_wsgi_application()

# After the settings are there, and before the first request is.
from pestle.web.store.knowledge import prepare  # noqa: E402

prepare()
