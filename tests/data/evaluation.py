"""A tiny made-up data folder in the shape of resources/docs/evaluate.md. Nobody said any of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

SECRET: Final = "zanzibar"
"""A word that is said in every set and must not be found in rows, reports or errors."""

_TURNS: Final = [
    {"speaker": "Doctor", "text": "What brings you in today?"},
    {"speaker": "Patient", "text": f"I have had a cough for two weeks, since {SECRET}."},
    {"speaker": "Doctor", "text": "Any fever?"},
    {"speaker": "Patient", "text": "No."},
    {"speaker": "Patient", "text": "I take lisinopril 20 mg every day."},
]
_COUGH_FIRST: Final = [_TURNS[1], *_TURNS]
SETS: Final[dict[str, Any]] = {
    "primock57.json": [
        {"id": "b", "turns": _TURNS, "note": "Cough for two weeks. No fever.", "asr": {}},
        {
            "id": "a",
            "turns": _COUGH_FIRST,
            "note": "2/52 of cough. No fever.\nDH: lisinopril",
            "asr": {"whisper": "I have had a cough for two weeks. Any fever? No."},
        },
    ],
    "primock57_checklists.json": [
        {
            "id": "a",
            "checklists": [
                [
                    {"fact": "Cough for 2 weeks", "criticality": "critical"},
                    {"fact": "No fever", "criticality": "critical"},
                    {"fact": "lisinopril", "criticality": "non_critical"},
                ]
            ],
            "generated_notes": [
                {
                    "statements": [
                        {"statement": "Cough for two weeks.", "verdict": "c"},
                        {"statement": "Fever for two weeks.", "verdict": "i"},
                        {"statement": "Not judged.", "verdict": ""},
                    ]
                }
            ],
        }
    ],
    "aci_bench.json": [
        {
            "id": "1",
            "split": "valid",
            "turns": _TURNS,
            "note": "HPI\n\nThe patient has had a cough for two weeks.",
            "dialogue_tts_whisper": f"[doctor] Any fever?\n[patient] No, but a cough in {SECRET}.",
        }
    ],
    "mts_dialog.json": [
        {
            "section_header": "FAM/SOCHX",
            "section_text": "Smokes a pack a day.",
            "dialogue": f"Doctor: Do you smoke?\nPatient: A pack a day, in {SECRET}.",
        },
        {
            "section_header": "MEDICATIONS",
            "section_text": "Lisinopril.",
            "dialogue": "Doctor: Which pills?\nPatient: I take lisinopril every morning.",
        },
    ],
    "osce_transcripts.json": [
        {"id": "1", "turns": [{"speaker": "Patient", "text": f"A sore throat since {SECRET}."}]}
    ],
    "orders.json": [
        {
            "expected_orders": [
                {"order_type": "medication", "description": "amoxicillin", "provenance": [2]}
            ],
            "transcript": [
                {"turn_id": 1, "speaker": "PATIENT", "transcript": f"It began in {SECRET}."},
                {"turn_id": 2, "speaker": "DOCTOR", "transcript": "I will prescribe amoxicillin."},
            ],
        },
        {
            "expected_orders": [],
            "transcript": [{"turn_id": 1, "speaker": "DOCTOR", "transcript": "Hello there."}],
        },
    ],
}


def write_sets(folder: Path) -> None:
    """Write the files into a new folder."""
    folder.mkdir(parents=True)
    for name, rows in SETS.items():
        (folder / name).write_text(json.dumps(rows), "utf-8")
