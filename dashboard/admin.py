"""People, API tokens, and the log of commands. What a command was is never edited or deleted."""

from typing import TYPE_CHECKING, Any, ClassVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from dashboard import tokens, tries
from dashboard.models import ApiToken, Command, User
from telephony.readonly import ReadOnly

SEES = "Supervisors and agents see the queues, agents and conferences of their teams; “all teams” is a role."

# Roles are made by a migration and mean what dashboard/roles.py says; addresses are on the account itself;
# the secrets of second factors are nobody's to look at.
for made_elsewhere in (Group, EmailAddress, Authenticator):
    admin.site.unregister(made_elsewhere)

if TYPE_CHECKING:  # Django's own classes take no type parameter when they run
    _Page = UserAdmin[User]
    _NewForm = AdminUserCreationForm[User]
    _Form = UserChangeForm[User]
else:
    _Page, _NewForm, _Form = UserAdmin, AdminUserCreationForm, UserChangeForm


def _lower(form: forms.BaseForm) -> str:
    """Sign-in ignores case, so two accounts may not differ by it alone."""
    return str(form.cleaned_data["email"]).lower()


class NewPersonForm(_NewForm):
    class Meta:
        model = User
        fields = ("email", "name", "groups", "teams")
        widgets: ClassVar = {"groups": forms.CheckboxSelectMultiple, "teams": forms.CheckboxSelectMultiple}

    clean_email = _lower


class PersonForm(_Form):
    class Meta:
        model = User
        fields = ("email", "name", "groups", "teams", "is_active", "password")
        widgets: ClassVar = {"groups": forms.CheckboxSelectMultiple, "teams": forms.CheckboxSelectMultiple}

    clean_email = _lower


@admin.register(User)
class PersonAdmin(_Page):
    form = PersonForm
    add_form = NewPersonForm
    list_display = ("email", "name", "roles", "sees", "is_active", "last_login")
    list_filter = ("groups", "teams", "is_active")
    search_fields = ("email", "name")
    ordering = ("email",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    actions = ("unlock", "remove_second_factor")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        ("What they may do", {"fields": ("groups", "is_active")}),
        ("What they see", {"fields": ("teams",), "description": SEES}),
        ("When", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),
        ("What they may do", {"fields": ("groups",)}),
        ("What they see", {"fields": ("teams",), "description": SEES}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups", "teams").select_related("agent__team")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # the command log names people; somebody who leaves is made inactive

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or (
            "admin" if user.is_superuser else "none"
        )

    @admin.display(description="sees")
    def sees(self, user: User) -> str:
        if user.scope is None:
            return "all teams"
        own = getattr(user, "agent", None)
        teams = {*user.teams.all(), *([own.team] if own and own.team else [])}
        return ", ".join(sorted(map(str, teams))) or "nothing"

    def save_related(self, request: HttpRequest, form: Any, *args: Any) -> None:
        super().save_related(request, form, *args)
        user = User.objects.get(pk=form.instance.pk)
        if user.allowed and user.scope == frozenset():
            words = f"{user} is in no team and has not the role “all teams”, so their pages are empty."
            self.message_user(request, words, messages.WARNING)

    @admin.action(description="Unlock sign-in after wrong tries", permissions=["change"])
    def unlock(self, request: HttpRequest, people: QuerySet[User]) -> None:
        for user in people:
            tries.unlock(request, user.email, user.pk)
            self.log_change(request, user, "Unlocked sign-in")
        self.message_user(request, "Sign-in is unlocked.", messages.SUCCESS)

    @admin.action(description="Remove second factors (lost phone or key)", permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, people: QuerySet[User]) -> None:
        Authenticator.objects.filter(user__in=people).delete()
        for user in people:
            self.log_change(request, user, "Removed second factors")
        self.message_user(
            request, "The password alone signs in, until a new factor is set up.", messages.WARNING
        )


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    list_display = ("name", "role", "sees", "standing", "created_at", "expires_at", "last_used_at")
    list_filter = ("role",)
    search_fields = ("name",)
    fields = ("name", "role", "sees", "created_at", "expires_at", "revoked_at", "last_used_at")
    ordering = ("name",)
    actions = ("revoke",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        return super().get_queryset(request).prefetch_related("teams")

    @admin.display(description="sees")
    def sees(self, token: ApiToken) -> str:
        return "all teams" if token.all_teams else ", ".join(team.name for team in token.teams.all())

    @admin.display(description="standing")
    def standing(self, token: ApiToken) -> str:
        if token.revoked_at:
            return "revoked"
        return "holds" if token.expires_at > timezone.now() else "expired"

    @admin.action(description="Revoke: they stop working at once", permissions=["view"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> None:
        count = tokens.revoke(chosen.values_list("pk", flat=True))
        for token in chosen:
            self.log_change(request, token, "Revoked")
        self.message_user(
            request, f"{count} {'token' if count == 1 else 'tokens'} revoked.", messages.SUCCESS
        )


@admin.register(Command)
class CommandAdmin(ReadOnly):
    list_display = ("created_at", "user_name", "action", "target", "subject_name", "state", "reason")
    list_filter = ("state", "action", "family")
    search_fields = ("user_name", "target", "subject_name", "subject__startswith")
    search_help_text = "Who, on whom, or where"
    date_hierarchy = "created_at"
    list_select_related = ("user",)
    fields = tuple(field.name for field in Command._meta.fields)
