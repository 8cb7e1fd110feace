import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conferences', '0005_doubted_floor'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Hand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user_name', models.CharField(max_length=100)),
                ('reason', models.CharField(choices=[('supervisor', 'The caller asks for a supervisor'), ('help', 'I need help'), ('abusive', 'The caller is abusive'), ('else', 'Something else')], default='help', max_length=12)),
                ('words', models.CharField(blank=True, max_length=120)),
                ('raised_at', models.DateTimeField()),
                ('sent_to', models.PositiveSmallIntegerField()),
                ('seen_by_name', models.CharField(blank=True, max_length=100)),
                ('seen_at', models.DateTimeField(blank=True, null=True)),
                ('coming_name', models.CharField(blank=True, max_length=100)),
                ('coming_at', models.DateTimeField(blank=True, null=True)),
                ('lowered_at', models.DateTimeField(blank=True, null=True)),
                ('lowered_by_name', models.CharField(blank=True, max_length=100)),
                ('coming', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('conference', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hands', to='conferences.conference')),
                ('seen_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stay', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hands', to='conferences.participant')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hands', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('raised_at', 'id'),
                'indexes': [models.Index(condition=models.Q(('lowered_at', None)), fields=['conference'], name='hand_up')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('lowered_at', None), ('sent_to__gt', 0)), fields=('stay',), name='one_hand_up')],
            },
        ),
    ]
