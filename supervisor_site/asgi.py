"""The ASGI application: pages, the webhook door in front of them, and the live socket."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supervisor_site.settings")
application = get_asgi_application()
