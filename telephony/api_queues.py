"""Queues and the calls in them: /queues and /queues/{queue_name}/calls. Queues have no command ids.

A queue is made by its first call (or `create_queue`) and vanishes some time after its last: 404 is normal.
Source: Telnyx's API reference, "Queue Commands".
"""

from telephony.api_base import Api, path_of
from telephony.wire import Json


class Queues(Api):
    def list_queues(self) -> list[Json]:
        """GET /queues: an empty queue vanishes from it after a while."""
        return self._list("/queues")

    def create_queue(self, queue_name: str, *, max_size: int | None = None) -> Json:
        """POST /queues; gives the queue. `max_size` is 300 where it is not sent (100 if a call makes it)."""
        return self._command("/queues", {"queue_name": queue_name, "max_size": max_size})

    def retrieve_queue(self, queue_name: str) -> Json:
        """GET /queues/{queue_name}: current_size, max_size, average_wait_time_secs of who waits now."""
        return self._read(path_of("queues", queue_name))

    def update_queue(self, queue_name: str, max_size: int) -> Json:
        """POST /queues/{queue_name}; gives the queue. 422: its size cannot be changed (90037)."""
        return self._command(path_of("queues", queue_name), {"max_size": max_size})

    def delete_queue(self, queue_name: str) -> Json:
        """DELETE /queues/{queue_name}: 204, so {}. 400: it is not empty (90050)."""
        return self._delete(path_of("queues", queue_name))

    def list_queue_calls(self, queue_name: str) -> list[Json]:
        """GET /queues/{queue_name}/calls: who waits, with from and to, in order of queue_position."""
        return self._list(path_of("queues", queue_name, "calls"))

    def retrieve_queue_call(self, queue_name: str, call_control_id: str) -> Json:
        """GET /queues/{queue_name}/calls/{call_control_id}: position, wait_time_secs, is_alive."""
        return self._read(path_of("queues", queue_name, "calls", call_control_id))

    def update_queue_call(self, queue_name: str, call_control_id: str, keep_after_hangup: bool) -> Json:
        """PATCH /queues/{queue_name}/calls/{call_control_id}: 204, so {}. No read tells the switch."""
        where = path_of("queues", queue_name, "calls", call_control_id)
        return self._command(where, {"keep_after_hangup": keep_after_hangup}, method="PATCH")

    def remove_queue_call(self, queue_name: str, call_control_id: str) -> Json:
        """DELETE /queues/{queue_name}/calls/{call_control_id}: 204, so {}.

        Only for a call that has ended and was kept; who still waits is taken out with `leave_queue`.
        """
        return self._delete(path_of("queues", queue_name, "calls", call_control_id))
