"""Text as it goes over a websocket, made once for all who are sent the same.

A change goes to a thousand pages as the same text. Compressed for each of them, as servers do, it would cost
more than all the rest. Compressed once, without a memory of what was sent before (RFC 7692, 7.1.1.1), the
same bytes are right for every browser, and a fifth of what they were. No token is in it, nor anything else
that stays the same and could be guessed piece by piece from how long a message is.
"""

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from autobahn.websocket import compress as _compress

# Its types say less than it can do.
compress: Any = _compress

WORTH_IT = 512  # bytes; what is shorter goes as it is
LEVEL = 1  # html repeats itself: higher levels take three times as long for a little less


def accept(offers: Sequence[Any]) -> Any:
    """autobahn's question, which of a browser's offers is taken: None, or the first that suits."""
    for offer in offers:
        if isinstance(offer, compress.PerMessageDeflateOffer) and not offer.request_max_window_bits:
            return compress.PerMessageDeflateOfferAccept(
                offer,
                request_no_context_takeover=offer.accept_no_context_takeover,
                request_max_window_bits=9 if offer.accept_max_window_bits else 0,
                no_context_takeover=True,
            )
    return None


@lru_cache(maxsize=8)
def text_frame(text: str, compressed: bool) -> bytes:
    """One whole frame, as a server sends it: unmasked (RFC 6455, 5.2)."""
    payload = text.encode()
    if compressed and len(payload) >= WORTH_IT:
        return b"\xc1" + _sized(_deflated(payload))
    return b"\x81" + _sized(payload)


def _deflated(payload: bytes) -> bytes:
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    # The end of a flush is left out on the way (RFC 7692, 7.2.1).
    return (deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]


def _sized(payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes([size]) + payload
    if size < 2**16:
        return b"\x7e" + size.to_bytes(2) + payload
    return b"\x7f" + size.to_bytes(8) + payload
