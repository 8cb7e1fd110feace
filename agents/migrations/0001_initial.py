import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('dashboard', '0010_number_to_call'),
    ]

    operations = [
        migrations.CreateModel(
            name='Seat',
            fields=[
                ('agent', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='seat', serialize=False, to='dashboard.agent')),
                ('version', models.PositiveBigIntegerField(default=0)),
            ],
        ),
    ]
