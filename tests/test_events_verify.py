"""Whether a webhook is authentic: Telnyx's signature and its timestamp."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey, VerifyKey

from telephony.events import BadKey, NotSigned, read_keys, verify
from tests.support.signing import KEY, PUBLIC_KEY, sign

NOW = 1_700_000_000
BODY = b'{"data": {}}'
KEYS = [KEY.verify_key]
ZEROS = base64.b64encode(bytes(32)).decode()

# Made with Telnyx's own SDK: the key's seed is the bytes 0 to 31.
KNOWN_KEY = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
KNOWN_SIGNATURE = "o4FZ42gID0J6W/dNEKTUvQ3s4VZXbu8eesqd1q35rUwd99L9r4oaCfyfBRapoEYLgR2L3JtozhQmWihkyk9qCw=="
KNOWN_BODY = (
    b'{"data":{"event_type":"call.enqueued","id":"0ccc7b54-4df3-4bca-a65a-3da1ecc777f0",'
    b'"occurred_at":"2018-02-02T22:25:27.521992Z","payload":{"call_control_id":"v3:abc","queue":"support",'
    b'"current_position":1,"queue_avg_wait_time_secs":60,"client_state":null},"record_type":"event"},'
    b'"meta":{"attempt":1,"delivered_to":"https://example.com/webhooks"}}'
)


def signed(body: bytes = BODY, at: float = NOW, key: SigningKey = KEY) -> dict[str, str]:
    return sign(body, at=at, key=key)


def with_timestamp(text: str) -> dict[str, str]:
    """Headers whose odd timestamp is honestly signed, so that only its form can be at fault."""
    signature = KEY.sign(text.encode() + b"|" + BODY).signature
    return {
        "telnyx-timestamp": text,
        "telnyx-signature-ed25519": base64.b64encode(signature).decode(),
    }


def test_a_delivery_that_telnyx_signed_is_taken() -> None:
    headers = {"telnyx-timestamp": str(NOW), "telnyx-signature-ed25519": KNOWN_SIGNATURE}
    verify(KNOWN_BODY, headers, read_keys([KNOWN_KEY]), NOW)
    with pytest.raises(NotSigned):
        verify(KNOWN_BODY + b" ", headers, read_keys([KNOWN_KEY]), NOW)


def test_header_names_in_any_case() -> None:
    verify(BODY, {name.title(): value for name, value in signed().items()}, KEYS, NOW)


def test_two_keys_are_valid_at_once() -> None:
    old, new = SigningKey(bytes(32)), KEY
    for key in (old, new):
        verify(BODY, signed(key=key), [old.verify_key, new.verify_key], NOW)
    with pytest.raises(NotSigned, match="fits no key"):
        verify(BODY, signed(key=old), [new.verify_key], NOW)


def test_without_a_key_nothing_is_authentic() -> None:
    with pytest.raises(NotSigned):
        verify(BODY, signed(), [], NOW)


@pytest.mark.parametrize("away", [-300, -299.5, 0, 300])
def test_a_timestamp_within_five_minutes(away: float) -> None:
    verify(BODY, signed(), KEYS, NOW + away)


@pytest.mark.parametrize("away", [-301, 300.5, 86_400])
def test_a_timestamp_further_away_is_a_replay(away: float) -> None:
    with pytest.raises(NotSigned, match="too far"):
        verify(BODY, signed(), KEYS, NOW + away)


@pytest.mark.parametrize(
    "text",
    [
        *("", "1e9", "١٢٣", " 1700000000", "1700000000 ", "+1700000000", "-1700000000", "1_700_000_000"),
        *("1700000000.0", "0x6553f100", "1" * 13, "9" * 5000, "nan", "1700000000\n", "①"),
    ],
)
def test_an_odd_timestamp_is_refused_though_signed(text: str) -> None:
    with pytest.raises(NotSigned):
        verify(BODY, with_timestamp(text), KEYS, NOW)


@pytest.mark.parametrize("name", ["telnyx-timestamp", "telnyx-signature-ed25519"])
def test_a_header_less(name: str) -> None:
    headers = signed()
    del headers[name]
    with pytest.raises(NotSigned, match=r"no (timestamp|signature)"):
        verify(BODY, headers, KEYS, NOW)


def bent(signature: str) -> list[str]:
    raw = base64.b64decode(signature)
    return [
        "",
        signature[:-4],
        signature.rstrip("="),
        signature + signature,
        signature + "\n",
        " " + signature,
        signature[:40] + "\n" + signature[40:],
        base64.b64encode(raw[:-1]).decode(),
        base64.b64encode(raw + b"\0").decode(),
        base64.urlsafe_b64encode(b"\xfb\xff" + raw[2:]).decode(),
        raw.hex(),
        "é" * 88,
        base64.b64encode(bytes(64)).decode(),
    ]


@pytest.mark.parametrize("number", range(13))
def test_a_bent_signature_is_refused(number: int) -> None:
    headers = signed()
    headers["telnyx-signature-ed25519"] = bent(headers["telnyx-signature-ed25519"])[number]
    with pytest.raises(NotSigned):
        verify(BODY, headers, KEYS, NOW)


@given(
    body=st.binary(),
    headers=st.dictionaries(
        st.sampled_from(["telnyx-timestamp", "Telnyx-Signature-Ed25519", "content-type"]),
        st.one_of(
            st.text(),
            st.just(str(NOW)),
            st.binary(min_size=64, max_size=64).map(base64.b64encode).map(bytes.decode),
        ),
    ),
)
def test_nothing_made_up_is_ever_authentic(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(NotSigned):
        verify(body, headers, KEYS, NOW)


@given(body=st.binary(), place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_one_bit_changed_in_the_body(body: bytes, place: int, bit: int) -> None:
    headers = signed(body)
    verify(body, headers, KEYS, NOW)
    other = bytearray(body or b"\0")
    other[place % len(other)] ^= 1 << bit
    with pytest.raises(NotSigned):
        verify(bytes(other), headers, KEYS, NOW)


def test_keys_as_the_portal_shows_them() -> None:
    assert read_keys([PUBLIC_KEY, KNOWN_KEY]) == [
        KEY.verify_key,
        VerifyKey(base64.b64decode(KNOWN_KEY)),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "0 bytes"),
        ("abc", "not base64"),
        (f" {ZEROS}", "not base64"),
        (ZEROS.replace("=", ""), "not base64"),
        (KNOWN_KEY.replace("/", "_"), "not base64"),
        (base64.b64encode(bytes(31)).decode(), "31 bytes"),
        (base64.b64encode(bytes(64)).decode(), "64 bytes"),
        ("key…", "not base64"),
    ],
)
def test_a_key_that_is_none_is_named(text: str, why: str) -> None:
    with pytest.raises(BadKey, match=f"public key 2 .*{why}"):
        read_keys([KNOWN_KEY, text])
