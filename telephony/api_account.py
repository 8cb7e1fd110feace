"""What of the account matters here: the call control application, its live calls, its webhook deliveries.

Source: Telnyx's API reference, "Call Control Applications", "Connections", "Webhook Deliveries".
"""

from datetime import datetime
from typing import Literal

from telephony.api_base import Api, asked, path_of
from telephony.wire import Json


class Account(Api):
    def retrieve_application(self, application_id: str) -> Json:
        """GET /call_control_applications/{id}: where and how Telnyx sends webhooks. 404: no such one."""
        return self._read(path_of("call_control_applications", application_id))

    def list_active_calls(self, connection_id: str) -> list[Json]:
        """GET /connections/{connection_id}/active_calls: each live leg's ids, `call_duration` in seconds."""
        return self._list_by_cursor(path_of("connections", connection_id, "active_calls"))

    def list_webhook_deliveries(
        self,
        status: Literal["delivered", "failed"],
        started_since: datetime,
        started_until: datetime | None = None,
    ) -> list[Json]:
        """GET /webhook_deliveries: attempts with the original webhook, from an aware time on."""
        wanted = {
            "filter[status][eq]": status,
            "filter[started_at][gte]": started_since,
            "filter[started_at][lte]": started_until,
        }
        return self._list("/webhook_deliveries", asked(wanted))
