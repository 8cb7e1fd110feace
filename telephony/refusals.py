"""What Telnyx's refusals mean to people: what happened, and what to do about it. Pure words.

Sources: the error examples of Telnyx's API reference and its list "API error codes".
"""

from typing import NamedTuple


class Saying(NamedTuple):
    """`words` is a clause as in "Hold failed: the call has already ended", `advice` a whole sentence.

    Neither has numbers or ids of calls, nor the name of a setting: supervisors read them.
    """

    words: str
    advice: str


UNAUTHENTICATED = Saying("Telnyx does not accept the API key (401)", "Tell an admin: only they can mend it.")
FORBIDDEN = Saying(
    "the Telnyx account may not do this (403)", "Tell an admin: Telnyx's portal says what the key may do."
)
BUSY = Saying("Telnyx is busy (429)", "Wait a moment and press again.")
UNREACHABLE = Saying("Telnyx cannot be reached", "Press again when the page says that Telnyx is reachable.")
UNANSWERED = Saying("no answer from Telnyx", "It may have been done: look before you press again.")
GONE = Saying("Telnyx does not have it any more", "Nothing is left to do: the page follows within seconds.")
_FAULT = "Calls go on. Press again in a minute."
_UNKNOWN = "Look at what you chose; if Telnyx refuses it again, tell an admin."

_GONE_BY_ITSELF = "Nothing is left to do: the page follows within seconds."
_TELL = "This is a fault of Earshot: tell an admin."
# Telnyx's code; a part of its title or detail, where one code means several things; our words and advice.
# The first that fits is taken.
_TABLE: tuple[tuple[str, str, str, str], ...] = (
    ("10004", "", "a field that Telnyx needs is empty", "Fill it in and press again."),
    ("10005", "audio file", "the audio file was not found", "Check its address or its stored name."),
    ("10005", "recording", "there is no such recording", "It may have been stopped, or deleted at Telnyx."),
    ("10005", "", *GONE),
    ("10007", "", *GONE),
    (
        "10015",
        "connection_id",
        "Telnyx does not know our application",
        "Tell an admin: see the set-up check.",
    ),
    ("10015", "", "Telnyx does not accept a value", "Look at what you filled in and press again."),
    (
        "10016",
        "",
        "this is not a phone number that Telnyx can use",
        "Write it with + and the country's number in front.",
    ),
    ("10028", "", "Telnyx cannot read one of the signs", "Take out unusual signs and press again."),
    ("10032", "", "Telnyx does not know one of these choices", "Choose another and press again."),
    ("10033", "", "a number is outside what Telnyx allows", "The limits stand beside the fields."),
    ("90009", "", "Telnyx cannot play it that often", "Choose 1 to 100 times, or for ever."),
    ("90012", "", "Telnyx does not know this voice", "Choose another voice."),
    (
        "90014",
        "",
        "these are not all digits that a phone can send",
        "Use 0 to 9, A to D, * and #; w waits half a second, W a second.",
    ),
    ("90015", "", "Telnyx does not know this call", "It may have ended: the page follows within seconds."),
    ("90017", "", "Telnyx cannot read what Earshot notes on the call", _TELL),
    ("90018", "", "the call has already ended", _GONE_BY_ITSELF),
    ("90019", "", "the conference has already ended", _GONE_BY_ITSELF),
    (
        "90020",
        "",
        "recording cannot start before the call has sound",
        "Press again when somebody has been heard.",
    ),
    ("90032", "", "the conference is full", "Somebody has to leave first."),
    ("90033", "participant", "nobody is in the conference", _GONE_BY_ITSELF),
    (
        "90033",
        "conference with given name",
        "a live conference has this name already",
        "Choose another name.",
    ),
    ("90033", "queue with given name", "a queue has this name already", "Choose another name."),
    ("90033", "queue is empty", "nobody waits in this queue", _GONE_BY_ITSELF),
    ("90033", "", "Telnyx cannot do this now", "Look at what is shown and press again."),
    ("90034", "", "the call is not answered yet", "Press again when it is answered."),
    ("90035", "", "the call is not in a queue", "Somebody took it, or it left: the page follows."),
    ("90036", "", "the queue is full", "Choose another queue, or raise its maximum size on its page."),
    (
        "90037",
        "",
        "the size of a queue that exists cannot be changed this way",
        "Leave the maximum size empty; the queue's own page changes it.",
    ),
    ("90038", "", "the call is in a queue already", "Take it out of that queue first."),
    (
        "90040",
        "",
        "Telnyx could not fetch the audio",
        "Its address must be open to everybody and lead to a WAV or MP3 file.",
    ),
    ("90041", "", "no line is free at Telnyx", "Wait until a call ends, and press again."),
    ("90042", "", "no line is free at Telnyx", "Wait until a call ends, and press again."),
    ("90043", "", "no line is free at Telnyx", "Wait until a call ends, and press again."),
    ("90044", "", "the call is in this conference already", _GONE_BY_ITSELF),
    ("90050", "", "the queue is not empty", "Send on, take or hang up who waits in it; then delete it."),
    (
        "90058",
        "",
        "the conference does not exist at Telnyx",
        "It has ended: the page follows within seconds.",
    ),
)


def saying(code: str, title: str, detail: str) -> Saying | None:
    """What a documented code means; for others Telnyx's own title. None where that tells nothing: the codes
    of recordings are HTTP statuses."""
    told = f"{title} {detail}".lower()
    for known, part, words, advice in _TABLE:
        if known == code and part in told:
            return Saying(words, advice)
    return Saying(f"Telnyx says: {title}", _UNKNOWN) if title and len(code) > 3 else None


def fault(status: int) -> Saying:
    return Saying(f"Telnyx has a fault ({status})", _FAULT)


def refused(status: int) -> Saying:
    return Saying(f"Telnyx refused it ({status})", _UNKNOWN)


_FIXED = (UNAUTHENTICATED, FORBIDDEN, BUSY, UNREACHABLE, UNANSWERED, GONE)
_ADVICE = dict((*(row[2:] for row in _TABLE), *_FIXED))


def advice_on(words: str) -> str:
    """What to do about a refusal of which only the words were kept; "" when they are not ours."""
    if words.startswith("Telnyx has a fault"):
        return _FAULT
    return _ADVICE.get(words) or (_UNKNOWN if words.startswith("Telnyx ") else "")
