"""What really happens at Telnyx, up to seven events each, in the order in which it happens."""

from tests.support.story import AGENT, CALLER, CONFERENCE, at, told

NAMED = {"name": "Sales 4412", "status": "in_progress", "created_at": at(0.9).isoformat()}
WAITING = {"call_control_id": CALLER, "from": "+16175550188", "to": "+13125550100"}
ENTERS = {"supervisor_role": "monitor", "end_conference_on_exit": True, "mute": True}

STORIES: dict[str, list[bytes]] = {
    "a call through a conference": [
        told(
            "call.initiated",
            0,
            CALLER,
            direction="incoming",
            **{"from": "+16175550188", "to": "+13125550100"},
        ),
        told("conference.created", 1, CALLER),
        told("conference.participant.joined", 2, CALLER),
        told("conference.participant.joined", 3, AGENT),
        told("conference.floor.changed", 4, AGENT),
        told("conference.participant.left", 9, CALLER),
        told("conference.ended", 10, reason="all_left"),
    ],
    "left and joined again": [
        told("conference.participant.joined", 1, CALLER),
        told("conference.participant.left", 2, CALLER),
        told("conference.participant.joined", 3, CALLER),
        told("conference.participant.left", 4, CALLER),
        told("conference.participant.joined", 5, CALLER),
        told("call.hangup", 6, CALLER, hangup_cause="normal_clearing"),
    ],
    "queued twice": [
        told("call.enqueued", 1, CALLER, queue="Sales"),
        told("call.dequeued", 2, CALLER, queue="Sales", reason="leave", wait_time_secs=1),
        told("call.enqueued", 3, CALLER, queue="Sales"),
        told("call.enqueued", 4, AGENT, queue="Sales"),
        told("call.dequeued", 5, CALLER, queue="Sales", reason="bridged", wait_time_secs=2),
        told("call.hangup", 6, AGENT, hangup_cause="normal_clearing"),
    ],
    "everything in one instant": [
        told("conference.created", 1, CALLER),
        told("conference.participant.joined", 1, CALLER),
        told("conference.floor.changed", 1, CALLER),
        told("conference.participant.left", 1, CALLER),
        told("call.hangup", 1, CALLER),
        told("conference.ended", 1, reason="all_left"),
    ],
    "announcements and recordings": [
        told("conference.playback.started", 1, media_name="hold-notice"),
        told("conference.playback.ended", 2, media_name="hold-notice"),
        told("conference.participant.speak.started", 3, CALLER),
        told("conference.participant.joined", 0, CALLER),
        told("conference.recording.saved", 5, recording_id="r1", recording_ended_at="2026-11-23T12:00:05Z"),
    ],
    "kept in the queue after hanging up": [
        told("call.initiated", 0, CALLER, direction="incoming", **{"from": "+16175550188"}),
        told("call.enqueued", 1, CALLER, queue="Sales"),
        told("call.hangup", 4, CALLER, hangup_cause="normal_clearing"),
        told("read.queue", 5, queue="Sales", kept=[CALLER], settings={"id": "q1", "max_size": 100}),
        told("call.dequeued", 9, CALLER, queue="Sales", reason="timeout", wait_time_secs=8),
    ],
    "reads and replies woven in": [
        told("conference.created", 1, CALLER),
        told("read.conference", 3, conference=NAMED, joined={CALLER: at(1.2).isoformat()}),
        told("conference.participant.joined", 1, CALLER),
        told("reply.mute", 4, conference_id=CONFERENCE, legs=[CALLER]),
        told("read.conference", 5, muted={CALLER: False}, left=[AGENT]),
        told("conference.participant.joined", 2, AGENT),
        told("read.conference", 9, ended={"reason": "time_exceeded", "at": at(8).isoformat()}),
    ],
    "ended before it was heard of": [
        told("conference.ended", 9, reason="host_left"),
        told("read.conference", 12, ended={"reason": "all_left"}),
        told("conference.participant.left", 11, CALLER),
        told("conference.participant.joined", 10, CALLER),
        told("reply.record", 3, conference_id=CONFERENCE, legs=[]),
        told("conference.recording.saved", 9, recording_id="r2", recording_ended_at=at(9).isoformat()),
        told("call.hangup", 8, CALLER, hangup_cause="normal_clearing"),
    ],
    "queued, found by a read, and taken": [
        told("read.queue", 3, queue="Sales", joined={CALLER: at(1.1).isoformat()}, callers=[WAITING]),
        told("call.enqueued", 1, CALLER, queue="Sales"),
        told("read.queue", 8, queue="Sales", left=[CALLER], absent=True),
        told("call.dequeued", 6, CALLER, queue="Sales", reason="bridged", wait_time_secs=5),
        told("call.enqueued", 9, CALLER, queue="Sales"),
    ],
    "asked for digits, answered after leaving": [
        told("conference.participant.joined", 1, CALLER),
        told("reply.gather", 2, conference_id=CONFERENCE, legs=[CALLER], options={}),
        told("call.dtmf.received", 3, CALLER, digit="1"),
        told("conference.participant.left", 5, CALLER),
        told("call.gather.ended", 9, CALLER, digits="12", status="call_hangup"),
        told("conference.participant.joined", 20, CALLER),
        told("call.gather.ended", 19, CALLER, name="between", digits="9", status="valid"),
    ],
    "told to join, with a role and exit switches": [
        told("reply.join", 0, conference_id=CONFERENCE, legs=[AGENT], options=ENTERS),
        told("conference.participant.joined", 3, AGENT),
        told("read.conference", 5, described={AGENT: {"participant_id": "p1", "soft_end_on_exit": False}}),
        told("reply.role", 6, conference_id=CONFERENCE, legs=[AGENT], options={"supervisor_role": "barge"}),
        told("conference.participant.left", 8, AGENT),
        told("reply.join", 25, conference_id=CONFERENCE, legs=[AGENT], options={"mute": True}),
        told("conference.participant.joined", 28, AGENT),
    ],
    "found on the way in, and how it ended": [
        told("read.conference", 1, joined={AGENT: at(0.5).isoformat()}, joining=[AGENT]),
        told("read.conference", 4, seated=[AGENT]),
        told("conference.ended", 8, reason="all_left"),
        told("read.conference", 12, closed={"reason": "ended_via_api", "by": AGENT}),
        told("read.conference", 13, closed={"reason": "", "by": CALLER}),
        told("read.conference", 9, ended={"at": at(7).isoformat()}),
    ],
    "who holds the floor was lost, and told again": [
        told("conference.participant.joined", 1, AGENT),
        told("conference.floor.changed", 2, AGENT),
        told("read.conference", 30, name="doubt 1", doubted=at(10).isoformat()),
        told("read.conference", 31, name="doubt 2", doubted=at(60).isoformat()),
        told("conference.floor.changed", 100, CALLER),
        told("read.conference", 200, name="heard", heard=at(80).isoformat()),
        told("conference.participant.left", 150, AGENT),
    ],
    "queued, answered, and only the hang-up told": [
        told("call.enqueued", 1, CALLER, queue="Sales"),
        told("conference.participant.joined", 5, CALLER),
        told("conference.participant.left", 60, CALLER),
        told("call.hangup", 60, CALLER, hangup_cause="normal_clearing"),
        told("read.queue", 70, queue="Sales", left=[CALLER]),
    ],
    "played by us, and kept in the queue": [
        told("reply.play", 2.5, conference_id=CONFERENCE, legs=[], options={"media_name": "notice"}),
        told("conference.playback.started", 2, media_name="notice"),
        told("conference.playback.ended", 7, media_name="notice"),
        told("reply.enqueue", 9, queue="Sales", legs=[CALLER], options={"keep_after_hangup": True}),
        told("call.enqueued", 10, CALLER, queue="Sales", current_position=2, queue_avg_wait_time_secs=70),
        told(
            "read.queue", 11, queue="Sales", counted={"current_size": 3, "average_since": at(5).isoformat()}
        ),
        told("reply.keep", 12, queue="Sales", legs=[CALLER], options={"keep_after_hangup": False}),
    ],
}
