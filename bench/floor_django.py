"""A webhook as a plain async Django view: the middleware of `startproject`, the ORM, one row per event.

    FLOOR_DATABASE_URL=… FLOOR_PUBLIC_KEY=… python -m daphne -v 0 bench.floor_django:application

It verifies the signature as the floor does, and answers after the row is written.
"""

import base64
import json
import os
from urllib.parse import urlsplit

import django
from django.conf import settings
from nacl.signing import VerifyKey

_database = urlsplit(os.environ["FLOOR_DATABASE_URL"])
settings.configure(
    SECRET_KEY="only-for-the-bench",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _database.path[1:],
            "USER": _database.username,
            "HOST": _database.hostname,
            "PORT": _database.port,
        }
    },
)
django.setup()

# Only now: they read the settings.
from django.core.asgi import get_asgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402


class PlainEvent(models.Model):
    event_id = models.TextField(unique=True)
    body = models.BinaryField()

    class Meta:
        app_label = "plain"

    def __str__(self) -> str:
        return self.event_id


KEY = VerifyKey(base64.b64decode(os.environ["FLOOR_PUBLIC_KEY"]))
with connection.schema_editor() as editor:
    editor.create_model(PlainEvent)
connection.close()


@csrf_exempt
async def keep(request: HttpRequest) -> HttpResponse:
    signed = request.headers["telnyx-timestamp"].encode() + b"|" + request.body
    KEY.verify(signed, base64.b64decode(request.headers["telnyx-signature-ed25519"]))
    event_id = json.loads(request.body)["data"]["id"]
    await PlainEvent.objects.acreate(event_id=event_id, body=request.body)
    return HttpResponse("kept\n", content_type="text/plain")


urlpatterns = [path("webhooks/telnyx", keep)]
application = get_asgi_application()
