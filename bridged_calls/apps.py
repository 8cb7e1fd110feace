from django.apps import AppConfig


class BridgedCallsConfig(AppConfig):
    name = "bridged_calls"
