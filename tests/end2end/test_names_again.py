"""A drug that was heard as common words: the whole app hears it again, and suggests it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.bootstrap import build
from app.cli.face import Running
from app.cli.throwaway import consent, plan_visit
from app.domain.events import DraftFinished, NamesHeard
from app.domain.ids import ModelId
from app.foundation.bus import Bus
from app.foundation.inbox import Inbox
from tests.end2end.product import FAST_MODEL

SOUND = Path(__file__).parents[1] / "data/speech/semaglutide_synthetic.flac"


@pytest.mark.usefixtures("user")
def test_a_drug_heard_as_common_words_is_suggested_when_the_note_is_there() -> None:
    bus = Bus()
    inbox = Inbox(bus.dispatch)
    app = Running(build(inbox, bus, is_demo=True), inbox)
    services = app.services
    seen: list[object] = []
    bus.subscribe(DraftFinished, seen.append)
    bus.subscribe(NamesHeard, seen.append)
    try:
        visit = plan_visit(app)
        administration = services.administration
        administration.choose("speech", administration.model_for("speech", FAST_MODEL).card.id)
        administration.choose("notes", ModelId("extractive"))
        app.result(services.listening.start_file(consent(app, visit), SOUND))
        app.wait_until(lambda: any(isinstance(each, DraftFinished) for each in seen))
        assert app.result(services.correcting.suggestions(visit.id)) == ()
        app.wait_until(lambda: NamesHeard(visit.id) in seen)
        (found,) = app.result(services.correcting.suggestions(visit.id))
        assert found.candidates[0] == "semaglutide"
        assert "semaglutide" not in found.heard.lower()
    finally:
        services.shut_down()
