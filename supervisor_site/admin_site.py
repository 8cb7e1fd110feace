"""The admin: for who may administer, by role. Its sign-in is the ordinary page: throttled, with factors."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, path, reverse

from dashboard.models import User
from dashboard.roles import Action
from supervisor_site import setup_check


class EarshotAdminSite(admin.AdminSite):
    site_header = "Earshot administration"
    site_title = "Earshot"
    index_title = "Directory, settings and records"
    index_template = "admin/start.html"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The set-up check stands before the pages of models: their last address takes everything."""
        check = path("set-up/", self.admin_view(setup_check.page), name="setup-check")
        return [check, *super().get_urls()]

    def has_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and request.user.may(Action.ADMINISTER)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
