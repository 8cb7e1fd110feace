from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('telephony', '0004_lost_webhooks'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='call',
            index=models.Index(condition=models.Q(('to_number', ''), _negated=True), fields=['to_number'], name='call_to'),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(condition=models.Q(('from_number', ''), _negated=True), fields=['from_number'], name='call_from'),
        ),
    ]
