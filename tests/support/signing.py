"""Signs webhooks as Telnyx does, with a key pair that only the tests know."""

import base64
import time

from nacl.signing import SigningKey

KEY = SigningKey(b"only for Earshot's own test run.")
PUBLIC_KEY = base64.b64encode(bytes(KEY.verify_key)).decode()


def sign(body: bytes, *, at: float | None = None, key: SigningKey = KEY) -> dict[str, str]:
    """The headers of a delivery of `body`, signed at `at` (epoch seconds; now when not given)."""
    timestamp = str(int(time.time() if at is None else at))
    signature = key.sign(timestamp.encode() + b"|" + body).signature
    return {
        "content-type": "application/json",
        "user-agent": "telnyx-webhooks",
        "telnyx-timestamp": timestamp,
        "telnyx-signature-ed25519": base64.b64encode(signature).decode(),
    }
