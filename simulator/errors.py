"""Every refusal that Telnyx documents, as the body and the status that it answers."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An answer that is not a success: `status` is HTTP's, `code` Telnyx's own (a string of digits)."""

    def __init__(self, status: int, code: str, title: str, detail: str, pointer: str | None = None) -> None:
        super().__init__(f"{status} {code} {detail}")
        self.status, self.code, self.title, self.detail, self.pointer = status, code, title, detail, pointer

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.code, "title": self.title, "detail": self.detail}
        if self.pointer:
            # A query's name has brackets, a body's is the path of a JSON pointer.
            query = self.pointer.removeprefix("/") if "[" in self.pointer else ""
            error["source"] = {"parameter": query} if query else {"pointer": self.pointer}
        if len(self.code) == 5:
            error["meta"] = {"url": f"https://developers.telnyx.com/docs/overview/errors/{self.code}"}
        return {"errors": [error]}


def unauthorized() -> Refusal:
    detail = "The required authentication headers were either invalid or not included in the request."
    return Refusal(401, "10009", "Authentication failed", detail)


def unauthorized_for_recordings() -> Refusal:
    return Refusal(401, "401", "Unauthorized", "Unauthorized")


def forbidden() -> Refusal:
    return Refusal(403, "403", "Forbidden", "Forbidden")


def too_many_requests() -> Refusal:
    detail = "You have exceeded the maximum number of allowed requests."
    return Refusal(429, "10011", "Too many requests", detail)


def server_error(status: int) -> Refusal:
    words = "Internal server error" if status == 500 else "Service unavailable"
    return Refusal(status, "10007", words, words)


def not_found() -> Refusal:
    return Refusal(404, "10007", "Resource not found", "Resource not found")


def no_such_conference() -> Refusal:
    return Refusal(404, "90058", "Invalid conference_id", "The conference does not exist.")


def no_such_recording() -> Refusal:
    detail = "The recording could not be found. Please check the recording_id and try again."
    return Refusal(404, "10005", "Recording not found", detail, "/recording_id")


def no_such_recording_page() -> Refusal:
    return Refusal(404, "404", "Not Found", "Page not found")


def bad_request(detail: str = "Invalid characters in the request.") -> Refusal:
    return Refusal(400, "10015", "Bad Request", detail)


def undecodable(position: int) -> Refusal:
    detail = f"Error decoding request body at position {position}"
    return Refusal(400, "10028", "Character encoding error", detail)


def queue_not_empty() -> Refusal:
    return Refusal(400, "90050", "Unable to delete queue", "Only empty queues can be deleted.")


def audio_not_downloaded() -> Refusal:
    return Refusal(
        400, "90040", "Downloading audio file failed", "Provided audio file couldn't be downloaded."
    )


def no_such_audio(name: str) -> Refusal:
    detail = "Provided audio file URL couldn't be found."
    return Refusal(404, "10005", "Audio file not found", detail, f"/{name}")


def missing(name: str) -> Refusal:
    detail = f"The '{name}' parameter is required and cannot be blank."
    return Refusal(422, "10004", "Missing required parameter", detail, f"/{name}")


def not_in_list(name: str, choices: tuple[object, ...]) -> Refusal:
    detail = f"The value must be one of: {', '.join(sorted(map(str, choices)))}."
    return Refusal(422, "10032", "Invalid enumerated value", detail, f"/{name}")


def out_of_range(name: str, low: object, high: object) -> Refusal:
    detail = f"The value is outside of allowed range {low} to {high}"
    return Refusal(422, "10033", "Value outside of range", detail, f"/{name}")


def invalid(name: str, detail: str) -> Refusal:
    return Refusal(422, "10015", "Invalid value", detail, f"/{name}")


def not_e164(name: str) -> Refusal:
    detail = f"The '{name}' parameter must be in E164 format."
    return Refusal(422, "10016", "Phone number must be in +E164 format", detail, f"/{name}")


def bad_client_state(name: str) -> Refusal:
    detail = "The value must be a valid Base-64 encoded string."
    return Refusal(422, "90017", "Invalid value for client_state", detail, f"/{name}")


def bad_connection() -> Refusal:
    detail = (
        "The requested connection_id (Call Control App ID) is either invalid or does not exist. "
        "Only Call Control Apps with valid webhook URL are accepted."
    )
    title = "Invalid value for connection_id (Call Control App ID)"
    return Refusal(422, "10015", title, detail, "/connection_id")


def bad_call_control_id(name: str = "call_control_id") -> Refusal:
    detail = "The call_control_id provided was not valid."
    return Refusal(422, "90015", "Invalid Call Control ID", detail, f"/{name}")


def call_ended() -> Refusal:
    detail = "This call is no longer active and can't receive commands."
    return Refusal(422, "90018", "Call has already ended", detail)


def call_not_answered() -> Refusal:
    detail = "This call can't receive this command because it has not been answered yet."
    return Refusal(422, "90034", "Call not answered yet", detail)


def conference_ended() -> Refusal:
    detail = "This conference is no longer active and can't receive commands."
    return Refusal(422, "90019", "Conference has already ended", detail)


def conference_name_taken() -> Refusal:
    return cannot_execute("Conference with given name already exists and it's active.")


def cannot_execute(detail: str) -> Refusal:
    return Refusal(422, "90033", "Unable to execute command", detail)


def conference_full(limit: int) -> Refusal:
    detail = f"The maximum allowed value of `max_participants` has been reached at {limit}."
    return Refusal(422, "90032", "Maximum number of participants reached", detail)


def already_in_conference() -> Refusal:
    detail = "The call can't join a conference that it is already in."
    return Refusal(422, "90044", "Call already in conference", detail)


def not_in_queue() -> Refusal:
    return Refusal(422, "90035", "Call not in queue", "The call isn't currently in a queue.")


def already_in_queue() -> Refusal:
    return Refusal(422, "90038", "Call already in queue", "Call can't be added to a queue it's already in.")


def queue_full(name: str) -> Refusal:
    return Refusal(422, "90036", "Queue full", f"The '{name}' queue is full and can't accept more calls.")


def queue_size_fixed() -> Refusal:
    detail = "The max_size of an existing queue can't be modified by this command."
    return Refusal(422, "90037", "Queue max_size cannot be modified", detail, "/max_size")


def recording_too_early() -> Refusal:
    detail = "Call recording cannot be started until audio has commenced on the call."
    return Refusal(422, "90020", "Call recording triggered before audio started", detail)


def bad_loop() -> Refusal:
    detail = "The loop must be 'infinity' or a number from 1 to 100."
    return Refusal(422, "90009", "Invalid loop value", detail, "/loop")


def bad_digits(name: str) -> Refusal:
    return Refusal(422, "90014", "Invalid digits", "The digits contain invalid characters.", f"/{name}")


def bad_voice() -> Refusal:
    return Refusal(422, "90012", "Invalid voice", "The voice provided was not valid.", "/voice")
