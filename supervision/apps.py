from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "supervision"

    def ready(self) -> None:
        from supervision import signing_out  # noqa: F401 -- hears of whoever signs out
