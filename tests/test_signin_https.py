"""Behind HTTPS the browser keeps the cookies to HTTPS, and passkeys to this origin."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.support.environment import ROOT, process_environment

NAMES = (
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY",
    "SECURE_HSTS_SECONDS",
    "SECURE_PROXY_SSL_HEADER",
    "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN",
)
READ = (
    f"import json, supervisor_site.settings as s; print(json.dumps([getattr(s, name) for name in {NAMES}]))"
)
YEAR = 31_536_000
HEADER = ["HTTP_X_FORWARDED_PROTO", "https"]


@pytest.mark.parametrize(
    ("https", "proxies", "expected"),
    [
        ("0", "0", [False, False, True, 0, None, True]),
        ("0", "1", [False, False, True, 0, None, True]),
        ("1", "0", [True, True, True, YEAR, None, False]),
        ("1", "1", [True, True, True, YEAR, HEADER, False]),
    ],
)
def test_cookies_follow_https(https: str, proxies: str, expected: list[Any]) -> None:
    environment = process_environment("sqlite:///:memory:", HTTPS=https, TRUSTED_PROXIES=proxies)
    read = subprocess.run(
        [sys.executable, "-c", READ], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(read.stdout) == expected
