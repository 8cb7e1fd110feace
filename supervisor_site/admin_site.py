"""The admin: its sign-in is the ordinary page, so that throttling and a second factor hold there too."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin


class EarshotAdminSite(admin.AdminSite):
    site_header = "Earshot administration"
    site_title = "Earshot"
    index_title = "Directory, settings and records"

    login = secure_admin_login(admin.AdminSite.login)
