from django.apps import AppConfig


class WallboardsConfig(AppConfig):
    name = "wallboards"
