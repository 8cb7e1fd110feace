"""What is said of a supervision, in plain words. Pure."""

from collections.abc import Sequence

MODES = {"listen": "monitor", "whisper": "whisper", "barge": "barge"}
VERBS = {role: verb for verb, role in MODES.items()}
# What the top bar says of somebody in a conference.
DOING = {"monitor": "Listening to", "whisper": "Whispering in", "barge": "Speaking in"}
MARKS = {"monitor": "Listening", "whisper": "Whispering", "barge": "Barging in"}
_CAUSES = {
    "timeout": "no answer",
    "no_answer": "no answer",
    "user_busy": "busy",
    "call_rejected": "rejected",
    "not_found": "the number cannot be reached",
    "unspecified": "Telnyx does not say why",
    "originator_cancel": "cancelled",
    "conference ended": "the conference ended first",
    "call ended": "the call ended first",
    "normal_clearing": "hung up before joining",
    "hung up": "hung up before joining",
    "unknown": "Telnyx gave no answer",
    "right lost": "the right to it was lost",
}
_FAILURES = {
    "timeout": "You did not answer within 25 s.",
    "no_answer": "You did not answer within 25 s.",
    "user_busy": "Your phone is busy.",
    "call_rejected": "Your phone rejected the call.",
    "not_found": "Your phone’s number cannot be reached.",
    "unspecified": "Your phone could not be called. Telnyx does not say why.",
    "originator_cancel": "The call to your phone was cancelled.",
    "conference ended": "The conference ended first.",
    "call ended": "The call ended first.",
    "normal_clearing": "Your phone hung up before you joined.",
    "hung up": "Your phone hung up before you joined.",
    "unknown": "Telnyx gave no answer.",
    "right lost": "You may not supervise this {place} any more.",
}
_ENDS = {
    "left": "You left.",
    "cancelled": "You cancelled.",
    "moved": "You went on to another conference.",
    "conference ended": "The conference ended.",
    "call ended": "The call ended.",
    "hung up": "Your phone hung up.",
    "taken out": "You were taken out.",
    "right lost": "You may not supervise this {place} any more.",
    "role not known": "Telnyx did not say who heard you: your phone was hung up.",
}
# What ended a supervision without its supervisor wanting it, and is said until they put it away.
UNWANTED = ("hung up", "taken out", "right lost", "role not known")


def cause(reason: str) -> str:
    """Why nobody joined, as the log says it; what Telnyx refused for is in its own words already."""
    return _CAUSES.get(reason, reason.replace("_", " "))


def failure(reason: str, place: str = "conference") -> str:
    """The same as a sentence to the supervisor; `place` is `conference` or `call`."""
    known = _FAILURES.get(reason, "").format(place=place)
    return known or f"Telnyx refused: {reason}."


def end(reason: str, place: str = "conference") -> str:
    return _ENDS.get(reason, "").format(place=place)


def several(names: Sequence[str]) -> str:
    """`Priya Nair`, `Priya Nair and Owen Hartley`, `A, B and C`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def heard(role: str, whisper_to: Sequence[str]) -> str:
    """The mode line: who hears the supervisor."""
    if role == "barge":
        return "Barging in: everyone hears you."
    if role == "whisper" and whisper_to:
        verb = "hears" if len(whisper_to) == 1 else "hear"
        return f"Whispering: only {several(whisper_to)} {verb} you."
    return "Listening: nobody hears you."
