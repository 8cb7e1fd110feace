"""The guard of the command log lets go of what is older than its bound."""

from django.db import migrations

from dashboard import command_log


def guard(apps, schema_editor):
    command_log.guard(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0003_guard_command_log")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
