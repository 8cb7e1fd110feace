"""Every address of Earshot on one screen. `/webhooks/telnyx` and `/ws/live` are in asgi.py."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("dashboard.account_urls")),
    path("admin/", admin.site.urls),
]
