"""A command says whether it may be sent twice. SQLite makes the table anew, so the guard is set again."""

from django.db import migrations, models

from dashboard import command_log


def guard(apps, schema_editor):
    command_log.guard(schema_editor.connection)


def unguard(apps, schema_editor):
    command_log.unguard(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0004_let_old_commands_go")]
    operations = [
        migrations.RunPython(unguard, guard),
        migrations.AddField(
            model_name="command",
            name="repeatable",
            field=models.BooleanField(
                default=True, help_text="Telnyx does it once however often it is sent"
            ),
        ),
        migrations.RunPython(guard, unguard),
    ]
