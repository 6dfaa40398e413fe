"""The report of an evaluation: Markdown for people, JSON for programs. Pure; any thread.

No figure stands alone: each table holds the baselines, and says what its measure rewards.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from app.drafting.extractive import ENGINE as EXTRACTIVE
from app.drafting.measures.orders import KINDS
from app.drafting.measures.scoring import VERSION, Figures
from app.workflow.evaluating import BASELINES, CHECKER, EvaluationResult, systems_of
from app.workflow.evaluation_rows import EvaluationRow
from app.workflow.evaluation_words import choice_words

Column: TypeAlias = tuple[str, Callable[[Figures], str]]
NONE: Final = "-"


@dataclass(frozen=True, slots=True)
class _Table:
    title: str
    remark: str
    needs: str
    columns: tuple[Column, ...]


def share(part: float, whole: float) -> str:
    """Return a share with what it is made of, a dash where there is nothing."""
    return f"{part / whole:.2f} ({part:.0f}/{whole:.0f})" if whole else NONE


def _share(part: str, whole: str) -> Callable[[Figures], str]:
    return lambda each: share(each.get(part, 0), each.get(whole, 0))


def _f1(kinds: Sequence[str], hits: str) -> Callable[[Figures], str]:
    def show(each: Figures) -> str:
        found, written, expected = (
            sum(each.get(f"orders_{kind}_{name}", 0) for kind in kinds)
            for name in (hits, "written", "expected")
        )
        return f"{2 * found / (written + expected):.2f}" if expected else NONE

    return show


def _mean(name: str) -> Callable[[Figures], str]:
    return lambda each: f"{100 * each[name] / each['notes']:.1f}" if name in each else NONE


def _ratio(part: str, whole: str, form: str = ".2f") -> Callable[[Figures], str]:
    def show(each: Figures) -> str:
        return format(each[part] / each[whole], form) if each.get(whole) and part in each else NONE

    return show


_LENGTH: Final[Column] = ("words of note / transcript", _ratio("words", "said"))
_TABLES: Final = (
    _Table(
        "Facts of the clinicians' checklists",
        "Found by words, ideas, numbers and denials, not by meaning. The transcript copied shows "
        "how much can be reached at all, so read it with the length beside it.",
        "facts",
        (
            ("critical facts", _share("critical_held", "critical")),
            ("critical facts, after the gate", _share("critical_shipped", "critical")),
            ("all facts", _share("facts_held", "facts")),
            _LENGTH,
        ),
    ),
    _Table(
        "Sentences of the person's note that are held",
        "A wider and softer measure than checklists: some of these sentences were never spoken.",
        "sentences",
        (("note sentences", _share("sentences_held", "sentences")), _LENGTH),
    ),
    _Table(
        "What is written without support",
        "Judged by the checker, whose own precision and recall stand below. After the gate: "
        "without the lines that block signing, as if each was removed. Copied sentences that say "
        "nothing find no evidence either.",
        "claims",
        (
            ("lines a note", _ratio("claims", "notes", ".1f")),
            ("unsupported", _share("unsupported", "claims")),
            ("unsupported after the gate", _share("shipped_unsupported", "shipped")),
            ("clinically empty lines", _share("empty", "claims")),
        ),
    ),
    _Table(
        "Orders, F1",
        "Read from the note's plan by one reader for all. With place: the order also points at a "
        "place where it was said.",
        "orders_medication_expected",
        (
            *((kind, _f1((kind,), "hits")) for kind in KINDS),
            ("all", _f1(KINDS, "hits")),
            ("all, with place", _f1(KINDS, "placed")),
        ),
    ),
    _Table(
        "ROUGE, F1 in percent",
        "ROUGE rewards the style of the house and copying: another patient's note scores high. "
        "It orders notes by how much they sound like these notes, never by how right they are.",
        "rouge1",
        (
            ("ROUGE-1", _mean("rouge1")), ("ROUGE-2", _mean("rouge2")),
            ("ROUGE-Lsum", _mean("rougeLsum")), _LENGTH,
        ),
    ),
    _Table(
        "Filed in the right section (MTS-Dialog)",
        "Of the dialogues that gave a note: most words in a section where they belong. The copied "
        "transcript is the baseline of filing everything as history.",
        "filed",
        (
            ("dialogues", _share("filed_right", "filed")),
            ("words", _share("filed_words_right", "filed_words")),
            ("dialogues without any line", lambda e: f"{e['notes'] - e.get('filed', 0):.0f}"),
        ),
    ),
    _Table(
        "Speed on this machine",
        "Whole drafts, one after another, checks included, nothing prepared during a visit.",
        "seconds",
        (
            ("seconds a note", _ratio("seconds", "notes", ".1f")),
            ("seconds to the first words", _ratio("first_s", "notes", ".1f")),
            ("tokens/s while writing",
             lambda e: f"{1000 * e['tokens'] / e['generating_ms']:.1f}"
             if e.get("generating_ms") else NONE),
            ("sections that fell back to extractive", _share("fallen_back", "sections")),
        ),
    ),
)  # fmt: skip


def totals(rows: Iterable[EvaluationRow]) -> Figures:
    """Return the sums of the figures of rows that have a note."""
    sums: Figures = defaultdict(float)
    for row in rows:
        if not row.failure:
            for name, value in row.figures.items():
                sums[name] += value
    return dict(sums)


def grouped(
    rows: Sequence[EvaluationRow],
) -> dict[tuple[str, str], dict[str, Figures]]:
    """Return totals by (set, source), then by system."""
    places = dict.fromkeys((row.set, row.source) for row in rows if row.system != CHECKER)
    return {
        place: {
            system: totals(row for row in rows if (row.set, row.source) == place
                           and row.system == system)
            for system in systems_of(rows)
        }
        for place in places
    }  # fmt: skip


def markdown(result: EvaluationResult, made_on: str) -> str:
    """Return the report for people.

    Args:
        result: what was measured.
        made_on: the day, and what machine and program it was.
    """
    rows = result.rows
    lines = ["# Evaluation of note models", "", made_on, ""]
    if result.absent:
        lines += [f"Absent, so not measured: {', '.join(result.absent)}.", ""]
    failed = [row for row in rows if row.failure]
    if failed:
        codes: dict[tuple[str, str], int] = defaultdict(int)
        for row in failed:
            codes[row.system, row.failure] += 1
        told = ", ".join(f"{name}: {count} times {code}" for (name, code), count in codes.items())
        lines += [f"Without a note, and left out of the figures: {told}.", ""]
    groups = grouped(rows)
    for table in _TABLES:
        lines += _section(table, groups)
    lines += _headers(rows) + _parts(rows) + _checker(rows)
    lines += ["## What this means for the choice", "", *choice_words(groups), ""]
    return "\n".join(lines)


def as_json(result: EvaluationResult, made_on: str) -> dict[str, Any]:
    """Return the report for programs: the sums behind every figure."""
    rows = result.rows
    return {
        "made_on": made_on,
        "measures_version": VERSION,
        "absent": list(result.absent),
        "limit": result.plan.limit,
        "rows": len(rows),
        "reused_rows": result.reused,
        "failures": sum(bool(row.failure) for row in rows),
        "groups": [
            {"set": place[0], "source": place[1], "system": system, "totals": figures}
            for place, systems in grouped(rows).items()
            for system, figures in systems.items()
            if figures
        ],
        "checker": totals(row for row in rows if row.system == CHECKER),
    }


def _section(table: _Table, groups: dict[tuple[str, str], dict[str, Figures]]) -> list[str]:
    body = []
    for (name, source), systems in groups.items():
        for system, figures in systems.items():
            if figures.get(table.needs):
                cells = [show(figures) for _, show in table.columns]
                notes = f"{figures['notes']:.0f}"
                body.append(_line([name, source, _named(system), notes, *cells]))
    if not body:
        return []
    titles = ["set", "transcript", "note by", "notes", *(title for title, _ in table.columns)]
    rule = _line(["---"] * len(titles))
    return [f"## {table.title}", "", table.remark, "", _line(titles), rule, *body, ""]


def _headers(rows: Sequence[EvaluationRow]) -> list[str]:
    """Return the filing of each of MTS-Dialog's headers, which differ in number by far."""
    found = [row for row in rows if row.header and not row.failure]
    if not found:
        return []
    systems = [each for each in systems_of(found) if each not in BASELINES[1:]]
    body = []
    for header in sorted({row.header for row in found}):
        cells = []
        for system in systems:
            figures = totals(r for r in found if (r.header, r.system) == (header, system))
            cells.append(share(figures.get("filed_right", 0), figures.get("filed", 0)))
        body.append(_line([header, *cells]))
    titles = _line(["header", *map(_named, systems)])
    rule = _line(["---"] * (len(systems) + 1))
    return ["### By header", "", titles, rule, *body, ""]


def _parts(rows: Sequence[EvaluationRow]) -> list[str]:
    """Return figures by part of a set: the classifier of quoting was trained on some parts."""
    body = []
    named = [row for row in rows if row.part and row.system not in BASELINES]
    places = dict.fromkeys(
        (row.set, row.source, row.part) for row in named if row.system != CHECKER
    )
    for place in places:
        for system in systems_of(named):
            figures = totals(
                row for row in named
                if (row.set, row.source, row.part) == place and row.system == system
            )  # fmt: skip
            if figures:
                shares = (("critical_held", "critical"), ("sentences_held", "sentences"),
                          ("filed_right", "filed"))  # fmt: skip
                cells = [share(figures.get(part, 0), figures.get(all_, 0)) for part, all_ in shares]
                body.append(_line([*place, _named(system), f"{figures['notes']:.0f}", *cells]))
    if not body:
        return []
    remark = (
        "The classifier of the extractive drafter was trained on the parts `train` and "
        "`TrainingSet`; the other parts and the visits with checklists it has not seen."
    )
    titles = (
        "set", "transcript", "part", "note by", "notes", "critical facts", "note sentences",
        "filed right",
    )  # fmt: skip
    heads = [_line(titles), _line(["---"] * len(titles))]
    return ["## By part of a set", "", remark, "", *heads, *body, ""]


def _checker(rows: Sequence[EvaluationRow]) -> list[str]:
    figures = totals(row for row in rows if row.system == CHECKER)
    if not figures.get("statements"):
        return []
    body = [
        _line([
            name,
            share(figures[f"{prefix}caught"], figures[f"{prefix}flagged"]),
            share(figures[f"{prefix}caught"], figures["wrong"]),
        ])
        for name, prefix in (("checker", ""), ("bare word overlap", "bare_"))
    ]  # fmt: skip
    remark = f"{figures['statements']:.0f} statements that clinicians called correct or incorrect."
    return [
        "## The checker itself: statements it calls incorrect", "", remark, "",
        _line(["", "precision", "recall"]), _line(["---"] * 3), *body, "",
    ]  # fmt: skip


def _named(system: str) -> str:
    return f"**{system}**" if system == EXTRACTIVE or system not in BASELINES else system


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
