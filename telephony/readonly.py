"""Pages of the admin that show and change nothing."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

if TYPE_CHECKING:  # Django's own classes take no type parameter when they run
    _Page = admin.ModelAdmin[Any]
    _Rows = admin.TabularInline[Any, Any]
else:
    _Page, _Rows = admin.ModelAdmin, admin.TabularInline


class ReadOnly(_Page):
    """Records and projections: what Telnyx told is not edited, and nobody deletes it."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyInline(_Rows):
    """The same for rows within another record."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
