"""A command keeps the right that it needs, for its later tries, and when it was tried last. SQLite makes the
table anew, so the guard is set again."""

from django.db import migrations, models

from dashboard import command_log


def guard(apps, schema_editor):
    command_log.guard(schema_editor.connection)


def unguard(apps, schema_editor):
    command_log.unguard(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0005_repeatable_commands")]
    operations = [
        migrations.RunPython(unguard, guard),
        migrations.AddField(
            model_name="command",
            name="permission",
            field=models.CharField(
                blank=True, default="", max_length=60, verbose_name="right that it needs"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="command",
            name="tries_ended_at",
            field=models.DateTimeField(
                blank=True, help_text="since then it is only checked whether it was done", null=True
            ),
        ),
        migrations.RunPython(guard, unguard),
    ]
