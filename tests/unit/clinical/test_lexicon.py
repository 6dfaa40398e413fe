from __future__ import annotations

from pathlib import Path

import pytest

from app.clinical.lexicon import Kind, Lexicon

FOLDER = Path(__file__).parents[3] / "resources" / "lexicons"
LEXICON = Lexicon.load(FOLDER)


def ideas(text: str, kind: Kind) -> list[str]:
    return [each.idea for each in LEXICON.mentions(text) if each.kind is kind]


@pytest.mark.parametrize(
    ("text", "kind", "idea"),
    [
        ("I'm a bit short of breath", Kind.SYMPTOM, "dyspnea"),
        ("any difficulty breathing", Kind.SYMPTOM, "dyspnea"),
        ("he has high blood pressure", Kind.CONDITION, "hypertension"),
        ("she takes a water pill", Kind.DRUG_CLASS, "diuretic"),
        ("throwing up all night", Kind.SYMPTOM, "vomiting"),
        ("I take Tylenol", Kind.DRUG, "acetaminophen"),
        ("paracetamol please", Kind.DRUG, "acetaminophen"),
        ("he takes co-codamol", Kind.DRUG, "acetaminophen+codeine"),
        ("NKDA", Kind.ALLERGY, "allergy"),
        ("my tummy hurts", Kind.SYMPTOM, "pain in abdomen"),
        ("pain in my left knee", Kind.SYMPTOM, "pain in knee"),
        ("fevers", Kind.SYMPTOM, "fever"),
        ("an x-ray of the chest", Kind.TEST, "x-ray"),
        ("comes and goes", Kind.QUALITY, "intermittent"),
    ],
)
def test_lay_and_clinical_words_give_one_idea(text: str, kind: Kind, idea: str) -> None:
    assert idea in ideas(text, kind)


@pytest.mark.parametrize(
    "text",
    [
        "today is a good day",
        "I white knuckled it",
        "let us balance this",
        "water and sugar",
        "a rose",
    ],
)
def test_everyday_words_are_no_drugs(text: str) -> None:
    assert ideas(text, Kind.DRUG) == []


def test_a_pain_is_not_joined_to_a_place_in_another_sentence() -> None:
    assert ideas("I have pain. My knee is fine.", Kind.SYMPTOM) == []


def test_the_longest_wording_wins() -> None:
    assert ideas("coughing up blood", Kind.SYMPTOM) == ["hemoptysis"]


def test_cues_are_found_by_stems() -> None:
    assert LEXICON.has_cue("plan", "We'll be following up, follow up soon")
    assert not LEXICON.has_cue("plan", "my cough")
    assert LEXICON.is_only("backchannel", "Okay, all right. Thank you!")
    assert not LEXICON.is_only("backchannel", "Okay, my knee.")
    assert not LEXICON.is_only("backchannel", "...")


def test_a_clinic_may_swap_the_tables(tmp_path: Path) -> None:
    (tmp_path / "drugs.txt").write_text("# names\naspirin\nasa=aspirin\n", "utf-8")
    (tmp_path / "drugs_extra.txt").write_text("asa=acetylsalicylate\n", "utf-8")
    (tmp_path / "concepts.toml").write_text('[symptom]\ncough = ["tussis"]\n', "utf-8")
    (tmp_path / "cues.toml").write_text('[cues]\nplan = ["we shall"]\n', "utf-8")
    own = Lexicon.load(tmp_path)
    assert [each.idea for each in own.mentions("tussis, asa")] == ["cough", "acetylsalicylate"]
    assert own.has_cue("plan", "and we shall see")


def test_missing_tables_are_told() -> None:
    with pytest.raises(OSError, match="drugs"):
        Lexicon.load(FOLDER / "nowhere")


def test_the_drug_list_is_what_it_says() -> None:
    assert 5000 < len(LEXICON.drug_names) < 6000
    assert {"lisinopril", "metformin", "salbutamol", "eliquis"} <= LEXICON.drug_names
