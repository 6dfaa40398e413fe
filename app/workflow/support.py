"""The support bundle: one text, read by a person before it is saved. No name, patient or sound.

What goes in: versions, the machine, checks, speeds, the policy, the last lines of the log and of
crash reports. Logs hold allow-listed fields only, and are filtered again here; names of microphones
stay out, because people name them after themselves. Pool.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.foundation.log import FIELDS
from app.foundation.policy_file import read_policy, rows

if TYPE_CHECKING:
    from app.workflow.administration import DoctorReport

LOG_LINES: Final = 300
CRASHES: Final = 5
CRASH_LINES: Final = 60
_KEPT: Final = frozenset({*FIELDS, "at", "level", "event", "stack"})


def text(report: DoctorReport, logs: Path | None) -> str:
    """Return everything the bundle says.

    Args:
        report: of the doctor.
        logs: folder of log and crash files; None in a throw-away profile.
    """
    parts = [
        ("About", _about(report)),
        ("Machine", _machine(report)),
        ("Models and speed", _models(report)),
        ("Policy", _policy()),
        ("Log", "\n".join(_log_lines(logs)) or "empty"),
        ("Crash reports", "\n\n".join(_crashes(logs)) or "none"),
    ]
    return "\n".join(f"== {title}\n{body}\n" for title, body in parts)


def _about(report: DoctorReport) -> str:
    return (
        f"Stethoscribe {report.version}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.release()} {platform.machine()}"
    )


def _machine(report: DoctorReport) -> str:
    machine = report.machine
    lines = [
        f"cpu: {machine.cpu}, {machine.cores} cores, avx2 {machine.has_avx2}",
        f"memory_mb: {machine.memory_mb}, free_disk_mb: {machine.free_disk_mb}",
        f"gpus: {', '.join(machine.gpus) or 'none'}",
        f"microphones: {len(report.devices)}, rates {sorted({e.rate for e in report.devices})}",
    ]
    lines += [f"{each.name}: {each.state} ({each.detail})" for each in report.checks]
    if report.room is not None:
        room = report.room
        lines.append(
            f"microphone: first sound after {room.first_ms} ms, {room.samples} samples, "
            f"{room.lost} lost, {room.level_dbfs} dBFS, tone {room.tone}"
        )
    lines += [f"trouble: {where}: {code}" for where, code in report.trouble]
    return "\n".join(lines)


def _models(report: DoctorReport) -> str:
    lines = [f"{row.card.id}: {row.state}" for row in report.models if row.state != "missing"]
    lines += [
        f"{each.model}: {each.factor:.2f} {each.unit}, loads in {each.load_s:.1f} s, "
        f"device {each.device or 'cpu'} {each.trouble}".rstrip()
        for each in report.speeds
    ]
    return "\n".join(lines) or "none"


def _policy() -> str:
    reading = read_policy()
    lines = [f"source: {reading.source}, serial {reading.serial}, trouble {reading.trouble or '-'}"]
    for each in rows(reading):
        value: Any = each.value
        if isinstance(value, tuple):  # keys and hashes: how many, not which
            value = f"{len(value)} entries"
        lines.append(f"{each.key}: {value} ({each.source})")
    return "\n".join(lines)


def _log_lines(logs: Path | None) -> list[str]:
    """Return the last lines of the log, each held against the allow-list once more."""
    found: list[str] = []
    for path in sorted(logs.glob("*.jsonl")) if logs is not None else ():
        for line in _read(path).splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                kept = {name: value for name, value in entry.items() if name in _KEPT}
                found.append(json.dumps(kept, ensure_ascii=True))
    return found[-LOG_LINES:]


def _crashes(logs: Path | None) -> Iterator[str]:
    """Yield the newest crash reports: types and places in our code, no texts."""
    paths = sorted(logs.glob("crash-*.txt")) if logs is not None else []
    for path in paths[-CRASHES:]:
        lines = _read(path).splitlines()[:CRASH_LINES]
        yield "\n".join(line.replace(str(Path.home()), "~") for line in lines)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
