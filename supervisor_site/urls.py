"""Every address of Earshot on one screen. `/webhooks/telnyx`, `/livez`, `/readyz` and `/ws/live`: asgi.py."""

from django.contrib import admin
from django.urls import include, path

from activity import views as activity
from agents import views as agents
from bridged_calls import views as bridged_calls
from conferences import views as conferences
from queues import history_views
from queues import views as queues
from recordings import views as recordings
from supervision import views as supervision
from supervisor_site import callers, dismissals, floor, health_page, metrics, takes
from wallboards import views as wallboards

urlpatterns = [
    path("", floor.home, name="home"),
    path("floor/", floor.floor, name="floor"),
    path("floor/pane/b-<int:pk>/", bridged_calls.pane),
    path("floor/pane/<str:conference_id>/", conferences.pane, name="conference-pane"),
    path("conferences/live", takes.live, name="conferences-live"),
    path("conferences/<str:conference_id>/take", takes.take),
    path("conferences/known-media", conferences.known_media, name="known-media"),
    path("conferences/ended/", conferences.ended, name="conferences-ended"),
    path("conferences/<str:conference_id>/", conferences.conference, name="conference"),
    path("conferences/<str:conference_id>/timeline/", conferences.together, name="together"),
    path("conferences/<str:conference_id>/timeline.<slug:form>", conferences.timeline, name="timeline"),
    path("conferences/<str:conference_id>/<slug:verb>", conferences.press),
    path("conferences/<str:conference_id>/people/<int:pk>/at-telnyx", conferences.at_telnyx),
    path("conferences/<str:conference_id>/supervise/<slug:mode>", supervision.press),
    path("conferences/<str:conference_id>/people/<int:pk>/<slug:verb>", conferences.press_on_person),
    path("bridged-calls/<int:pk>/", bridged_calls.call, name="bridged-call"),
    path("bridged-calls/<int:pk>/supervise/<slug:mode>", supervision.press_on_call),
    path("bridged-calls/<int:pk>/<slug:verb>", bridged_calls.press),
    path("conferences/<str:conference_id>/hands/<int:pk>/<slug:act>", conferences.answer_hand),
    path("agents/", agents.agents, name="agents"),
    path("my-calls/", agents.my_calls, name="my-calls"),
    path("my-calls/<str:conference_id>/<slug:verb>", agents.press),
    path("my-calls/<str:conference_id>/people/<int:pk>/<slug:verb>", agents.press_on_caller),
    path("commands/<uuid:command_id>/dismiss", dismissals.dismiss),
    path("phone/", supervision.phone, name="phone"),
    path("phone/<int:pk>/choose", supervision.choose, name="phone-choose"),
    path("phone/<int:pk>/test", supervision.test_call, name="phone-test"),
    path("phone/<int:pk>/forget", supervision.forget, name="phone-forget"),
    path("supervision/leave", supervision.leave, name="supervise-leave"),
    path("supervisions/<uuid:number>/again", supervision.again),
    path("supervisions/<uuid:number>/dismiss", supervision.dismiss),
    path("queues/", queues.queues, name="queues"),
    path("queues/names", queues.names, name="queue-names"),
    path("queues/agents", takes.agents, name="agents-to-call"),
    path("queues/candidates", takes.candidates, name="queue-candidates"),
    path("queues/new", queues.make),
    path("queues/<int:pk>/at-telnyx", queues.at_telnyx),
    path("queues/<int:pk>/calls/<int:call>/at-telnyx", queues.at_telnyx),
    path("queues/<int:pk>/calls/<int:call>/card", callers.card, name="caller-card"),
    path("queues/<int:pk>/targets", queues.aim),
    path("queues/<int:pk>/history/", history_views.page, name="queue-history"),
    path("queues/<int:pk>/history.csv", history_views.export, name="queue-history-export"),
    path("queues/<int:pk>/<slug:verb>", queues.press),
    path("queues/<int:pk>/calls/<int:call>/join", takes.join),
    path("queues/<int:pk>/calls/<int:call>/create", takes.create),
    path("queues/<int:pk>/calls/<int:call>/call-agent", takes.to_agent),
    path("queues/<int:pk>/calls/<int:call>/cancel", takes.cancel),
    path("queues/<int:pk>/next/call-agent", takes.next_to_agent),
    path("queues/<int:pk>/calls/<int:call>/<slug:verb>", queues.press_on_caller),
    path("queues/<int:pk>/", queues.queue, name="queue"),
    path("wallboards/", wallboards.wallboards, name="wallboards"),
    path("wallboards/new/", wallboards.make, name="wallboard-new"),
    path("wallboards/preview", wallboards.preview, name="wallboard-preview"),
    path("wallboards/<int:pk>/", wallboards.wallboard, name="wallboard"),
    path("wallboards/<int:pk>/edit/", wallboards.edit, name="wallboard-edit"),
    path("wallboards/<int:pk>/delete", wallboards.delete, name="wallboard-delete"),
    path("recordings/", recordings.recordings, name="recordings"),
    path("recordings/list.csv", recordings.export, name="recordings-export"),
    path("recordings/<int:pk>/play", recordings.play),
    path("recordings/<int:pk>/download", recordings.download),
    path("recordings/<int:pk>/audio/<uuid:token>", recordings.audio, name="recording-audio"),
    path("recordings/<int:pk>/delete", recordings.delete),
    path("activity/", activity.activity, name="activity"),
    path("activity/export", activity.export, name="activity-export"),
    path("activity/supervisions/<uuid:number>/", activity.supervision, name="supervision"),
    path("activity/supervisions/<uuid:number>/pane", activity.pane),
    path("health/", health_page.page, name="health"),
    path("health/letters/replay-all", health_page.replay_all),
    path("health/letters/<int:pk>/replay", health_page.replay),
    path("health/letters/<int:pk>/put-aside", health_page.put_aside),
    path("telnyx/try-now", floor.try_now),
    path("metrics", metrics.metrics, name="metrics"),
    path("preferences", floor.preferences),
    path("api/floor", floor.api_floor, name="api-floor"),
    path("accounts/", include("dashboard.account_urls")),
    path("admin/", admin.site.urls),
]
