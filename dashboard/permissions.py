"""What Django's own permissions mean here: whoever may administer may, by role and not by stored rows."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from dashboard.models import User
from dashboard.roles import Action


class RolePermissions(BaseBackend):
    """Asked by the admin for each page; a page that is read-only says so itself (see `ReadOnly`)."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return isinstance(user_obj, User) and user_obj.may(Action.ADMINISTER)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return self.has_perm(user_obj, app_label)
