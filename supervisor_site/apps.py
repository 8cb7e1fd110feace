"""This site as an application (its management commands), and its admin site."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class SupervisorSiteConfig(AppConfig):
    name = "supervisor_site"
    default = True


class EarshotAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "supervisor_site.admin_site.EarshotAdminSite"
