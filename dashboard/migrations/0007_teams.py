"""Teams. Until now everybody saw everything: whoever has an account keeps that, by the role "all teams"."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def keep_what_there_is(apps, schema_editor):
    alias = schema_editor.connection.alias
    groups = apps.get_model("auth", "Group").objects.using(alias)
    everything, _ = groups.get_or_create(name="all teams")
    for user in apps.get_model("dashboard", "User").objects.using(alias).filter(groups__isnull=False).distinct():
        user.groups.add(everything)
    teams = apps.get_model("dashboard", "Team").objects.using(alias)
    for agent in apps.get_model("dashboard", "Agent").objects.using(alias).exclude(team_name=""):
        agent.team, _ = teams.get_or_create(name=agent.team_name)
        agent.save(update_fields=["team"])


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("dashboard", "0006_settled_commands"),
    ]
    operations = [
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "tells_agents",
                    models.CharField(
                        choices=[
                            ("named", "Who listens, and since when"),
                            ("plain", "That somebody listens, and since when"),
                            ("nothing", "Nothing, unless somebody can be heard"),
                        ],
                        default="plain",
                        max_length=10,
                        verbose_name="agents are told",
                    ),
                ),
            ],
            options={"ordering": ("name",)},
        ),
        migrations.CreateModel(
            name="TeamQueue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("queue_name", models.CharField(db_index=True, max_length=255, verbose_name="queue")),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="queues", to="dashboard.team"
                    ),
                ),
            ],
            options={
                "ordering": ("queue_name",),
                "verbose_name": "queue of the team",
                "verbose_name_plural": "queues of the team",
                "constraints": [models.UniqueConstraint(fields=("team", "queue_name"), name="team_queue_once")],
            },
        ),
        migrations.AddField(
            model_name="user",
            name="teams",
            field=models.ManyToManyField(
                blank=True,
                help_text="whose queues, agents and conferences they see",
                related_name="people",
                to="dashboard.team",
            ),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="all_teams",
            field=models.BooleanField(default=True, verbose_name="sees all teams"),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="teams",
            field=models.ManyToManyField(blank=True, related_name="tokens", to="dashboard.team"),
        ),
        migrations.RenameField(model_name="agent", old_name="team", new_name="team_name"),
        migrations.AddField(
            model_name="agent",
            name="team",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="agents",
                to="dashboard.team",
            ),
        ),
        migrations.RunPython(keep_what_there_is, migrations.RunPython.noop),
        migrations.RemoveField(model_name="agent", name="team_name"),
    ]
