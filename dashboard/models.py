"""Who is looking: people, teams, the directory of agents, API tokens, and the log of what they pressed."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property

from dashboard import second_factor
from dashboard.roles import Action, actions_of


class Team(models.Model):
    """People who work together. Its supervisors see its queues, its agents, and the conferences that have to
    do with either (`dashboard.scope`). `tells_agents`: what an agent's page says of somebody who listens in;
    who can be heard is always named. `help_number` is in E.164."""

    class Telling(models.TextChoices):
        NAMED = "named", "Who listens, and since when"
        PLAIN = "plain", "That somebody listens, and since when"
        NOTHING = "nothing", "Nothing, unless somebody can be heard"

    name = models.CharField(max_length=60, unique=True)
    tells_agents = models.CharField(
        "agents are told", max_length=10, choices=Telling.choices, default=Telling.PLAIN
    )
    help_number = models.CharField(
        "number to call",
        max_length=20,
        blank=True,
        help_text="E.164; told to who raises a hand that nobody can see",
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class TeamQueue(models.Model):
    """A queue of a team, by Telnyx's name for it; it may be several teams' and need not exist yet."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="queues")
    queue_name = models.CharField("queue", max_length=255, db_index=True)

    class Meta:
        ordering = ("queue_name",)
        verbose_name = "queue of the team"
        verbose_name_plural = "queues of the team"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "queue_name"], name="team_queue_once"),
        ]

    def __str__(self) -> str:
        return self.queue_name


class People(BaseUserManager["User"]):
    """Accounts are told apart by their e-mail address; there is no user name."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in. `compact` and `theme` are how they like their pages."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "System"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    compact = models.BooleanField("compact rows", default=False)
    teams = models.ManyToManyField(
        Team, blank=True, related_name="people", help_text="whose queues, agents and conferences they see"
    )

    objects = People()
    authenticator_set: Any  # second factors: a manager of allauth, which has no types

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    @cached_property
    def allowed(self) -> frozenset[Action]:
        """What this person's roles allow; a superuser has the admin's role."""
        # `all()`, so that people who were read with their groups in advance cost no query each.
        roles = {group.name for group in self.groups.all()}
        return actions_of(roles | ({"admin"} if self.is_superuser else set()))

    @cached_property
    def second_factor_first(self) -> bool:
        """Whether this person may do nothing at all before they set up a second factor."""
        return second_factor.is_missing(self, self.allowed)

    @property
    def actions(self) -> frozenset[Action]:
        """What this person may do now."""
        return frozenset() if self.second_factor_first else self.allowed

    @cached_property
    def scope(self) -> frozenset[int] | None:
        """The teams whose affairs this person sees, their own as an agent included; None: every team's."""
        if Action.SEE_ALL_TEAMS in self.allowed:
            return None
        own = getattr(self, "agent", None)
        also = {own.team_id} if own and own.team_id else set()
        return frozenset({team.pk for team in self.teams.all()} | also)

    @property
    def right(self) -> dict[str, Any]:
        """By what right they act now, for the log: names of roles and of teams; teams None: all."""
        teams = None if self.scope is None else Team.objects.filter(pk__in=self.scope)
        roles = {group.name for group in self.groups.all()} | ({"admin"} if self.is_superuser else set())
        return {"roles": sorted(roles), "teams": None if teams is None else [team.name for team in teams]}

    def may(self, action: Action) -> bool:
        return self.is_active and action in self.actions


class Agent(models.Model):
    """The directory: whose number or SIP address a call leg reaches."""

    name = models.CharField(max_length=100)
    title = models.CharField(max_length=60, default="Agent")
    number = models.CharField(max_length=20, blank=True, help_text="E.164, as in +13125550147")
    sip_address = models.CharField(max_length=200, blank=True, help_text="as in sip:priya@sip.telnyx.com")
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="agents")
    user = models.OneToOneField(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="agent")

    class Meta:
        ordering = ("name",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="agent_number"),
            models.UniqueConstraint(fields=["sip_address"], condition=~Q(sip_address=""), name="agent_sip"),
        ]

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """A bearer token for programs. Only its SHA-256 is kept; the token itself is shown once."""

    name = models.CharField(max_length=100, unique=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    role = models.CharField(max_length=20, default="supervisor")
    all_teams = models.BooleanField("sees all teams", default=True)
    teams = models.ManyToManyField(Team, blank=True, related_name="tokens")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> frozenset[int] | None:
        """The teams whose affairs it may read; None: every team's."""
        return None if self.all_teams else frozenset(self.teams.values_list("pk", flat=True))


class Command(models.Model):
    """One press of a button: who, what, on whom, what they saw, and what came of it.

    Committed before the request goes to Telnyx; `id` is the `command_id` of the request. `subject` is the
    live thing it acts on (`conference:<id>`), `legs` the call control ids it names, `family` what may have
    only one command open at a time on the same subject and legs (mute, hold, record, end, remove).
    """

    class State(models.TextChoices):
        OPEN = "open", "Sent"
        ACCEPTED = "accepted", "Accepted"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"
        FAILED = "failed", "Failed"
        UNKNOWN = "unknown", "Not known"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="commands")
    user_name = models.CharField(max_length=100)
    action = models.CharField(max_length=40)
    permission = models.CharField("right that it needs", max_length=60, blank=True)
    family = models.CharField(max_length=20)
    subject = models.CharField(max_length=300, db_index=True)
    subject_name = models.CharField(max_length=255)
    target = models.CharField("on whom", max_length=255, blank=True)
    target_key = models.CharField(max_length=255, blank=True)
    legs = models.JSONField(default=list)
    detail = models.JSONField(default=dict)
    seen = models.CharField("what the page showed", max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    attempts = models.PositiveSmallIntegerField(default=0)
    in_flight = models.BooleanField(default=False)
    repeatable = models.BooleanField(default=True, help_text="Telnyx does it once however often it is sent")
    created_at = models.DateTimeField()
    first_sent_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    tries_ended_at = models.DateTimeField(
        null=True, blank=True, help_text="since then it is only checked whether it was done"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=400, blank=True)
    error_code = models.CharField(max_length=20, blank=True)
    shown_by = models.CharField(max_length=200, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject", "target_key", "family"],
                condition=Q(settled_at=None),
                name="one_open_command",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["family"], condition=Q(state="unknown"), name="unknown_commands"),
            models.Index(fields=["-created_at", "-id"], name="commands_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.user_name}: {self.action} {self.target or self.subject_name}"

    @property
    def is_open(self) -> bool:
        return self.settled_at is None
