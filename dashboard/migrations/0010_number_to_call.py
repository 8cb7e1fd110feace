from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dashboard', '0009_commands_by_time'),
    ]

    operations = [
        migrations.AddField(
            model_name='team',
            name='help_number',
            field=models.CharField(blank=True, help_text='E.164; told to who raises a hand that nobody can see', max_length=20, verbose_name='number to call'),
        ),
    ]
