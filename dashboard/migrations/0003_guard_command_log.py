"""The database itself refuses DELETE and changes of intent in the command log."""

from django.db import migrations

from dashboard import command_log


def guard(apps, schema_editor):
    command_log.guard(schema_editor.connection)


def unguard(apps, schema_editor):
    command_log.unguard(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0002_roles")]
    operations = [migrations.RunPython(guard, unguard)]
