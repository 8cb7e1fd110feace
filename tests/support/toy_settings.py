"""Earshot's settings for the small site of tests/support/toy_site.py."""

from supervisor_site.settings import *  # noqa: F403

ROOT_URLCONF = "tests.support.toy_site"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
