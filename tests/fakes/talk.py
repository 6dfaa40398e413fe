"""A talk in which all occurs that live speech brings: for pictures and tests of the window."""

from __future__ import annotations

from dataclasses import replace

from app.domain.audio import GapReason, Span
from app.domain.events import RolesFound, SpeechUnheard, WordsRevised
from app.domain.transcript import (
    Revision,
    RevisionCause,
    RoleFound,
    Segment,
    SpeakerRole,
    Suggestion,
    WrittenForm,
)
from tests.fakes.services import Stage

CLINICIAN, PATIENT, UNKNOWN = SpeakerRole.CLINICIAN, SpeakerRole.PATIENT, SpeakerRole.UNKNOWN


def live_talk(stage: Stage) -> list[Segment]:
    """Say it all: gaps, a doubtful drug, a written form, a changed word, an unsure speaker."""
    listening, post = stage.listening, stage.world.post
    said: list[Segment] = []

    def hear(text: str, role: SpeakerRole, *doubtful: str) -> Segment:
        said.append(listening.hear(text, role, doubtful))
        listening.tick(6)
        return said[-1]

    hear("Good morning. What brings you in today?", CLINICIAN)
    chest = hear("I have had this tightness in my chest when I climb the stairs.", PATIENT)
    before = Revision((chest.words[4].id,), "lightness", "tightness", RevisionCause.FINAL, chest.id)
    post.publish(WordsRevised((before,)))
    listening.lose(4, GapReason.DEVICE)
    drug = hear("I take apropastatin in the evening and hydroxyzine.", PATIENT, "apropastatin")
    words = (drug.words[2].id,)
    assert listening.current is not None
    shelf = stage.world.shelf(listening.current)
    shelf.suggestions.append(
        Suggestion(drug.id, words, "apropastatin", ("atorvastatin", "pravastatin", "rosuvastatin"))
    )
    listening.bookmark()
    listening.tick(3)
    end = listening.samples
    post.publish(SpeechUnheard((Span(end - 48_000, end),)))
    pressure = hear("Your blood pressure is one thirty over eighty.", CLINICIAN)
    written = replace(
        pressure,
        text="Your blood pressure is 130/80.",
        forms=(WrittenForm(4, 4, "130/80."),),
    )
    listening.finish_again(written)
    side = hear("She also takes a baby aspirin in the morning.", UNKNOWN)
    unsure = hear("All right.", PATIENT)
    post.publish(
        RolesFound(
            (RoleFound(side.id, UNKNOWN, 0.0, "C"), RoleFound(unsure.id, PATIENT, 0.41, "B"))
        )
    )
    return said
