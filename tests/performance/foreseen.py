"""`make bench ARGS="foreseen"`: what reading a request ahead does to the section it asks for.

The first section of a note, drafted from the last part of a visit in several orders of reading:

- behind all: the request is read when the whole part was read, as for every other section.
- in other pieces: the same, but the part is read in other pieces. Batches of other sizes round
  otherwise, and a small model then chooses other words: what this row differs from the first is
  what the others differ without any harm.
- last line between: the request is read ahead, and the last line of the visit comes after it.
- as late as may be: the request is read ahead, and as much comes after it as is allowed.

The real starter model in the child's own code, the parser, retries and checks of the product.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from app.bootstrap import PART_ON_CPU
from app.clinical.lexicon import Lexicon
from app.clinical.wording import content_stems
from app.domain.draft import Claim, Support
from app.domain.events import GenerationEnded, TextGenerated
from app.domain.ports import ChatTemplate, InstalledModel
from app.domain.transcript import Transcript
from app.drafting.checker import DeterministicChecker
from app.drafting.prompt import Prompt, plan_prompts, tokens_in
from app.drafting.section_writer import SectionFellBack, SectionWriter, Step
from app.drafting.templates import load_template
from app.engine_host.foreseen import ANEW, Foreseen
from app.engine_host.notes import NotesChild
from app.engines.memory_plan import WINDOW
from app.engines.wire import Frame
from app.foundation import paths
from app.workflow.evaluation_data import read_data
from tests.performance.chain import installed
from tests.performance.figures import table
from tests.performance.machine import DATA, say_conditions

SOAP: Final = load_template(paths.resources() / "templates" / "soap.toml")
ORDERS: Final = ("behind all", "in other pieces", "last line between", "as late as may be")
HEAD: Final = (
    "request read", "sections", "quoted", "tried again", "not discussed", "lines", "supported",
    "partly", "unsupported", "lines as in the first",
)  # fmt: skip


@dataclass(slots=True)
class Wire:
    """Takes the frames of a child that runs here."""

    frames: list[Frame] = field(default_factory=list)

    def send(self, frame: Frame) -> None:
        self.frames.append(frame)


@dataclass(slots=True)
class Tally:
    """What came of all sections that were drafted in one order."""

    sections: int = 0
    quoted: int = 0
    tried_again: int = 0
    empty: int = 0
    support: Counter[Support] = field(default_factory=Counter)
    lines: int = 0
    same: int = 0

    def add(self, section: Section, first: Section) -> None:
        """Count a section, and hold it against that of the first order."""
        self.sections += 1
        self.quoted += section.is_quoted
        self.tried_again += section.tries > 1
        self.empty += not section.claims and not section.is_quoted
        self.lines += len(section.claims)
        self.support.update(each.support for each in section.claims)
        known = Counter(content_stems(each.text) for each in first.claims)
        self.same += (known & Counter(content_stems(e.text) for e in section.claims)).total()

    def row(self, name: str) -> tuple[str | int, ...]:
        """Return the cells of `HEAD`."""
        kinds = (Support.SUPPORTED, Support.PARTLY, Support.UNSUPPORTED)
        counts = tuple(self.support[each] for each in kinds)
        return (
            name, self.sections, self.quoted, self.tried_again, self.empty, self.lines, *counts,
            self.same,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """A section as it was drafted, its claims checked."""

    claims: tuple[Claim, ...]
    tries: int
    is_quoted: bool


class Bench:
    """The notes child, in this process."""

    def __init__(self, model: InstalledModel, unseen: int) -> None:
        self._unseen = unseen
        self._wire = Wire()
        self._child = NotesChild(self._wire)  # type: ignore[arg-type]  # it only sends
        lexicon = Lexicon.load(paths.resources() / "lexicons")
        self._checker = DeterministicChecker(lexicon)
        card = model.card
        self._child.load(
            Frame(
                "load",
                {
                    "folder": model.folder,
                    "files": [asdict(each) for each in card.files],
                    "context": card.context,
                    "threads": 0,
                    "gpu_layers": 0,
                    "cache": "f16",
                    "chat": asdict(card.chat or ChatTemplate()),
                },
            )
        )

    def draft(self, transcript: Transcript, prompt: Prompt, late: int, order: str) -> Section:
        """Draft the first section; `late` lines of the prompt come after the request."""
        self._child._foreseen = Foreseen(self._unseen)
        only = replace(SOAP, sections=SOAP.sections[:1])
        writer = SectionWriter(only, transcript, (prompt,), timeout_s=600.0)
        claims: list[Claim] = []
        tries, is_quoted = 0, False
        while (step := writer.next()) is not None:
            tries += 1
            lines = prompt.text.splitlines(keepends=True)
            if step.prompt is not prompt:
                self._begin(step.prompt.text, step.prompt.system)
            else:
                self._begin("".join(lines[: len(lines) - late]), prompt.system)
                if order not in ORDERS[:2]:
                    self._child.foresee(_frame("foresee", step.plan.suffix))
                    self._child.rest(lambda: False)
                self._child.extend(_frame("extend", "".join(lines[len(lines) - late :])))
            for outcome in self._answer(writer, step):
                is_quoted |= isinstance(outcome, SectionFellBack)
                claims = list(getattr(outcome, "claims", claims))
        checked = tuple(self._checker.check(each, transcript) for each in claims)
        return Section(checked, tries, is_quoted)

    def _begin(self, text: str, system: str) -> None:
        self._child.begin(_frame("begin", text, system=system))

    def _answer(self, writer: SectionWriter, step: Step) -> list[object]:
        self._wire.frames.clear()
        plan = step.plan
        self._child.generate(
            _frame(
                "generate",
                plan.suffix,
                request=plan.request,
                grammar=plan.grammar,
                max_tokens=plan.max_tokens,
                timeout_s=plan.timeout_s,
                stop=list(plan.stop),
            )
        )
        found: list[object] = []
        for frame in self._wire.frames:
            fields = frame.fields
            if frame.kind == "token":
                found += writer.take(TextGenerated(fields["request"], fields["text"]))
            elif frame.kind == "done":
                found += writer.take(
                    GenerationEnded(
                        fields["request"], fields["reason"], fields["tokens"], fields["ms"]
                    )
                )
        return found


def _frame(kind: str, text: str, **fields: Any) -> Frame:
    return Frame(kind, {"mark": 1, **fields}, text.encode())


def late_lines(prompt: Prompt, order: str, unseen: int) -> int:
    """Return how many of the last lines come after the request."""
    lines = prompt.text.splitlines()[2:]
    if order == ORDERS[0]:
        return 0
    if order != ORDERS[3]:
        return 1
    room, count = unseen, 0
    while count < len(lines) - 1 and room - tokens_in(lines[-1 - count]) >= 0:
        room -= tokens_in(lines[-1 - count])
        count += 1
    return count


def main() -> dict[str, Any]:
    """Draft and print."""
    parser = argparse.ArgumentParser(prog="foreseen", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--sets", nargs="+", default=["primock57", "aci_bench", "osce"])
    parser.add_argument("--limit", type=int, default=5, help="visits of each set")
    parser.add_argument("--unseen", type=int, default=ANEW)
    parser.add_argument("--orders", nargs="+", default=list(ORDERS), choices=ORDERS)
    asked = parser.parse_args()
    say_conditions()
    bench = Bench(installed(asked.model), asked.unseen)
    tallies = {order: Tally() for order in asked.orders}
    rows: list[tuple[str | int, ...]] = []
    for number, transcript in enumerate(_visits(asked.data, asked.sets, asked.limit), 1):
        prompt = plan_prompts(SOAP, transcript, WINDOW, PART_ON_CPU)[-1]
        first: Section | None = None
        for order, tally in tallies.items():
            late = late_lines(prompt, order, asked.unseen)
            section = bench.draft(transcript, prompt, late, order)
            first = first or section
            tally.add(section, first)
        rows = [tally.row(order) for order, tally in tallies.items()]
        print(f"after {number} visits:\n{table(HEAD, rows)}", flush=True)
    return {
        "unseen": asked.unseen,
        "rows": [dict(zip(HEAD, row, strict=True)) for row in rows],
    }


def _visits(data: Path, sets: Sequence[str], limit: int) -> list[Transcript]:
    found: list[Transcript] = []
    for name in sets:
        cases = read_data(data, [name]).cases
        whole = [each.transcript for each in cases if each.source == "reference"]
        found += whole[: limit or None]
    return found


if __name__ == "__main__":
    main()
