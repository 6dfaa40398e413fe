"""What the tables of an evaluation mean for the choice of a model, in words. Pure; any thread."""

from __future__ import annotations

from typing import Final

from app.drafting.extractive import ENGINE as EXTRACTIVE
from app.drafting.measures.scoring import Figures
from app.foundation.i18n import _
from app.workflow.evaluating import BASELINES

MARGIN: Final = 0.03
"""Differences of less are called none: three in a hundred facts, less than the matcher's error."""
PUBLISHED_INVENTED: Final = 0.0147
"""Share of invented sentences of a large cloud model: CREOLA, npj Digital Medicine 2025."""

Groups = dict[tuple[str, str], dict[str, Figures]]


def choice_words(groups: Groups) -> list[str]:
    """Return sentences on each model beside quoting, and what nobody should conclude."""
    totals = _by_system(groups)
    quoted = totals.get(EXTRACTIVE)
    models = [each for each in totals if each not in {*BASELINES, EXTRACTIVE}]
    if quoted is None:
        return [_("Nothing was measured that a choice could rest on.")]
    said = []
    if not models:
        said.append(
            _("No language model was measured: name one with --model to compare it with quoting.")
        )
    said += [line for model in models for line in _of_model(model, totals[model], quoted)]
    said.append(
        _(
            "Every figure is lexical and the visits are role-played. Before a model is used on "
            "patients, let a clinician read ten of its notes beside their transcripts."
        )
    )
    return said


def _of_model(model: str, figures: Figures, quoted: Figures) -> list[str]:
    told = []
    recall, other = _held(figures), _held(quoted)
    if recall is not None and other is not None:
        told.append(_recall_words(model, recall, other))
    if figures.get("claims"):
        rate = figures["unsupported"] / figures["claims"]
        told.append(
            _(
                "{model}: {rate:.0%} of its lines are without support (a large cloud model: "
                "{published:.1%} of sentences invented). A clinician must decide on "
                "{lines:.1f} lines of each note before signing."
            ).format(
                model=model,
                rate=rate,
                published=PUBLISHED_INVENTED,
                lines=figures["blocking"] / figures["notes"],
            )
        )
    if figures.get("seconds"):
        told.append(
            _("{model}: {seconds:.0f} s a note on this machine, quoting takes {quoting:.1f} s.")
            .format(
                model=model,
                seconds=figures["seconds"] / figures["notes"],
                quoting=quoted.get("seconds", 0) / max(1, quoted.get("notes", 1)),
            )
        )  # fmt: skip
    if figures.get("fallen_back", 0) > 0:
        share = figures["fallen_back"] / figures["sections"]
        told.append(
            _(
                "{model}: {share:.0%} of the sections above were not written by it: it failed "
                "there and they were quoted."
            ).format(model=model, share=share)
        )
    told.append(_verdict(model, figures, recall, other))
    return told


def _recall_words(model: str, recall: float, other: float) -> str:
    if recall > other + MARGIN:
        words = _(
            "{model} holds more of the facts than quoting ({recall:.2f} against {other:.2f})."
        )
    elif recall < other - MARGIN:
        words = _(
            "{model} leaves out more than quoting ({recall:.2f} against {other:.2f} of facts)."
        )
    else:
        words = _("{model} holds as many facts as quoting ({recall:.2f} against {other:.2f}).")
    return words.format(model=model, recall=recall, other=other)


def _verdict(model: str, figures: Figures, recall: float | None, other: float | None) -> str:
    if recall is None or other is None or not figures.get("claims"):
        return _("{model}: no visit with facts was measured, so no advice.").format(model=model)
    leaves_out = recall < other - MARGIN
    invents = figures["unsupported"] / figures["claims"] > 2 * PUBLISHED_INVENTED + MARGIN
    if leaves_out or invents:
        words = _("{model}: do not choose it over quoting (`extractive`).")
    else:
        words = _("{model}: a candidate. Compare the length and the seconds above.")
    return words.format(model=model)


def _held(figures: Figures) -> float | None:
    for held, wanted in (("critical_held", "critical"), ("sentences_held", "sentences")):
        if figures.get(wanted):
            return figures.get(held, 0) / figures[wanted]
    return None


def _by_system(groups: Groups) -> dict[str, Figures]:
    """Return the sums over the places where every model was measured."""
    totals: dict[str, Figures] = {}
    for systems in groups.values():
        for system, figures in systems.items():
            held = totals.setdefault(system, {})
            for name, value in figures.items():
                held[name] = held.get(name, 0) + value
    return totals
