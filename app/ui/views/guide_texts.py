"""The words of the guide: chapters made of paragraphs, steps, marks and pictures. Plain data.

Texts are English; whoever shows them takes them through `_()` and fills `{record}` and the like
with the keys of `widgets.actions.SHORTCUTS`, so that a key that moves moves here, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Say:
    """A paragraph."""

    words: str


@dataclass(frozen=True, slots=True)
class Steps:
    """What to do, one after the other."""

    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of the window, and what it means.

    Attributes:
        icon, color: as in `Theme.icon`.
    """

    icon: str
    color: str
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the window: `resources/guide/<look>/<file>.png`; `words` say what it shows."""

    file: str
    words: str


Part: TypeAlias = Say | Steps | Sign | Picture


@dataclass(frozen=True, slots=True)
class Chapter:
    """One page of the guide."""

    key: str
    title: str
    parts: tuple[Part, ...]


FIRST: Final = Chapter(
    "first",
    "Your first visit, in five minutes",
    (
        Say(
            "Three key presses from the password to the recording: {new} for a new visit, {record} "
            "to record, Enter when everyone in the room agreed."
        ),
        Steps(
            (
                "Unlock with your password. The list of visits is empty or shows your day.",
                "Press {new}. Type the patient's name, date of birth and identifier, or paste the "
                "line from your record system: the fields fill themselves.",
                "Press {record}. Before the microphone opens you are asked whom you asked and how. "
                "Read the text aloud, name everyone in the room, and press Enter.",
                "Talk to your patient. The red sign and the clock say that it is recorded; the "
                "green bar says that the microphone hears you.",
                "Press {stop}. The draft is written while you look at it.",
                "Press {next_open}: it leads to every statement you have to decide. A accepts, F2 "
                "mends, Del removes it.",
                "Press {sign} to sign. The dialog says what you put your name under.",
                "Press {copy} and paste the note where you keep it.",
            )
        ),
        Picture("recording", "A visit while it is recorded: what was said, and the note beside it"),
        Say(
            "You need not wait for the draft. Press Esc for the list, and start the next visit; "
            "the last one is drafted meanwhile and stands there as “To review”."
        ),
        Say(
            "A name, birth date or number that was typed wrong is mended until you sign: {more}, "
            "“Correct the patient…”. Consent, recording and draft stay with the visit."
        ),
    ),
)

CONSENT: Final = Chapter(
    "consent",
    "Ask before you record",
    (
        Say(
            "Nothing is recorded before consent is on file. The question comes by itself when you "
            "press {record}."
        ),
        Picture("consent", "The question before the microphone opens"),
        Say(
            "Name everyone who is present. If one of them declines, the visit is not recorded: "
            "choose “Declined: type or dictate”. The note is typed, or dictated afterwards."
        ),
        Say(
            "A person may think again. {more} opens “More”; “Consent withdrawn…” stops the "
            "recording and erases sound, transcript and draft of this visit."
        ),
    ),
)

OFF_RECORD: Final = Chapter(
    "off_record",
    "Off the record",
    (
        Say(
            "When a patient says “not this”, press {off_record}. From then on nothing is kept, "
            "neither sound nor words, until you press it again. The bar turns amber meanwhile."
        ),
        Picture("off_record", "Off the record: the bar is amber, and nothing is kept"),
        Say(
            "Was it said already? Select the lines in the transcript and press Del: they are "
            "struck from the transcript and from the sound, for good. Statements that rested on "
            "them are marked."
        ),
        Say(
            "{pause} only pauses, for a telephone call or when somebody comes in. Both leave a "
            "mark with its length, so that a reader knows that something is missing."
        ),
    ),
)

REVIEW: Final = Chapter(
    "review",
    "Evidence for every sentence",
    (
        Say(
            "Click a statement, or go to it with the arrow keys: the lines it rests on light up in "
            "the transcript. Space plays them. Click a line of the transcript and you see which "
            "statements rest on it."
        ),
        Picture("review", "A statement, the lines it rests on, and one that must be decided"),
        Say(
            "Statements that could do harm when they are wrong, such as doses, drugs, allergies, "
            "sides, numbers and dates, must be decided before you sign. {next_open} leads from one "
            "to the next. Accept it (A), mend it (F2) or remove it (Del)."
        ),
        Say(
            "Below the note stands what was said and is not in it. “Insert” takes it over. Every "
            "section must have been seen once; it is when you scroll past its end."
        ),
        Say(
            "Nothing you wrote is ever overwritten. When you ask for a change ({change}), it is "
            "shown as a difference for you to accept. {undo} takes the last change back, {history} "
            "shows earlier drafts."
        ),
    ),
)

MARKS: Final = Chapter(
    "marks",
    "What the marks mean",
    (
        Say("Every mark has a shape and a word of its own; no color has to be told from another."),
        Sign(
            "supported",
            "supported",
            "Supported",
            "The recording says so. Space plays where.",
        ),
        Sign(
            "partly",
            "partly",
            "Partly",
            "Some of it was said, or said differently. Read it once.",
        ),
        Sign(
            "unsupported",
            "unsupported",
            "Unsupported",
            "Not found in the recording. If it could do harm, it must be decided before you sign.",
        ),
        Sign("yours", "yours", "Yours", "You wrote or dictated it. Nobody checks it but you."),
        Sign("supported", "yours", "Accepted", "You put your word behind it."),
        Sign("eye", "muted", "Not seen yet", "You have not scrolled through this section yet."),
        Sign(
            "partly",
            "text",
            "1 to check",
            "A word may have been heard wrong. {next_offer} goes there; choose what was said, or "
            "keep it.",
        ),
        Sign("record", "recording", "Recording", "The microphone is open."),
        Sign("off_record", "partly", "Off the record", "Nothing of it is kept."),
        Sign("pause", "muted", "Paused", "Nothing is recorded until you go on."),
        Sign(
            "unsupported",
            "unsupported",
            "Missing",
            "Sound is missing here, with its length and the reason.",
        ),
        Sign(
            "partly",
            "partly",
            "Inaudible",
            "Somebody spoke here and no words could be made of it. Play it and type what was said.",
        ),
        Sign("bookmark", "accent", "Bookmark", "You marked this moment with {bookmark}."),
        Picture(
            "timeline",
            "The line of time: loudness, evidence, what is missing, bookmarks; underlined: words",
        ),
    ),
)

DICTATE: Final = Chapter(
    "dictate",
    "Dictate",
    (
        Say(
            "{dictate} writes down what you say, straight into the note. Speak as you always do; "
            "numbers, doses and blood pressures are written the way clinicians write them."
        ),
        Say(
            "Nobody is asked for consent, because only you are recorded; the consent ledger says "
            "so. Dictate when the patient has left. To record the talk with them, press {record}."
        ),
        Say(
            "A command acts when you pause shortly before and after it. In the middle of a "
            "sentence the same words are text."
        ),
        Steps(
            (
                "“period”, “comma”, “colon”, “question mark”, “new line”, “new paragraph”",
                "“go to plan”: to the end of that section; “next field”: to the next one",
                "“scratch that”: takes back the last phrase; “undo that”: the last action",
                "“insert normal exam”: writes your text of that name (settings, Vocabulary)",
            )
        ),
        Picture("dictation", "A dictated note: words stand in the section you named"),
    ),
)

WORDS: Final = Chapter(
    "words",
    "Words that are heard wrong",
    (
        Say(
            "Words that may be wrong are underlined, and the likely ones are offered beside them. "
            "Nothing is swapped silently. {next_offer} goes to the next; Enter takes what is "
            "offered, “Keep” leaves what was heard."
        ),
        Say(
            "F2 corrects any word. Clinician and patient mixed up? {swap} swaps them in one go; R "
            "names the speaker of one line."
        ),
        Say(
            "Before a visit, name its medications: {more}, “Words that may come up…”. For always, "
            "teach them in the settings under Vocabulary. When the program knows your voice "
            "(settings, Voice), it tells you from the patient."
        ),
    ),
)

COPY: Final = Chapter(
    "copy",
    "Sign and copy",
    (
        Say(
            "A signed note never changes again; what comes later is added to it ({add}). Letters "
            "and the summary for the patient are made from the signed note only."
        ),
        Steps(
            (
                "{copy} copies the whole note, Ctrl+1 to Ctrl+9 one section.",
                "{copy_next} copies section after section: press, paste, press, paste.",
                "{export} saves a file.",
            )
        ),
        Picture("signed", "A signed note; the foot says what lies on the clipboard and how long"),
        Say(
            "Copies are kept out of the clipboard's history and cleared after a while; the foot of "
            "the window counts down. Open another patient and the copy of the last one is gone at "
            "once, so that it cannot be pasted into the wrong chart. An unsigned note says that it "
            "is a draft."
        ),
        Say("In the settings, “Copies for” lays copies out for the system you paste into."),
    ),
)

EHR: Final = Chapter(
    "beside",
    "The small recorder",
    (
        Say(
            "{compact} makes the recorder a small bar above all windows: time, level, pause, off "
            "the record, bookmark, stop. {compact} again brings the window back."
        ),
        Picture("compact", "The small recorder"),
        Say(
            "A foot pedal, a dictation microphone or a shortcut of your system can press the same "
            "keys: let it run “stethoscribe press record”, “… press pause”, “… press off-record”, "
            "“… press bookmark” or “… press stop”."
        ),
    ),
)

TROUBLE: Final = Chapter(
    "trouble",
    "When something fails",
    (
        Say("The recording comes first. Whatever else fails, it goes on, and the rest catches up."),
        Sign(
            "unsupported",
            "partly",
            "The transcript is behind",
            "Nothing is lost. The words come later; you can go on.",
        ),
        Sign(
            "microphone",
            "unsupported",
            "The microphone is gone",
            "Plug it in again. It goes on by itself, and the gap is marked with its length. Or "
            "choose another one in the bar.",
        ),
        Sign(
            "microphone",
            "partly",
            "Too quiet, too loud, too far",
            "It is said during the visit, while it can still be mended. The room check in the "
            "settings tries it before the clinic.",
        ),
        Sign(
            "restore",
            "accent",
            "The window or the computer stopped",
            "Start again and unlock: the list offers what was interrupted ({take_up}). A second of "
            "sound is lost at most.",
        ),
        Sign(
            "note",
            "muted",
            "No draft",
            "Press {draft} to draft again, or {type} to type the note. Without a language model "
            "the note is made of what was said, word for word.",
        ),
        Sign(
            "folder",
            "muted",
            "The disk is nearly full",
            "Make room soon. A full disk ends the recording in order; what was saved is safe.",
        ),
        Sign(
            "lock",
            "muted",
            "The password is forgotten",
            "“I forgot my password” asks for the recovery key you wrote on paper. Without password "
            "and key nobody can open your notes, not even the maker of the program.",
        ),
    ),
)

PRIVACY: Final = Chapter(
    "privacy",
    "Privacy",
    (
        Say(
            "Everything happens on this computer. No connection is opened: no cloud, no account, "
            "no update, no statistics. This guide, too, lies on this computer."
        ),
        Say(
            "Sound, transcript and notes lie encrypted in a vault that only your password or your "
            "recovery key opens. Others who work here have vaults of their own; not even the "
            "administrator can open yours."
        ),
        Say(
            "When nobody uses the program for a while it locks by itself, and in any case after so "
            "many hours: the rules are in the settings, “Clinic”. While a recording runs, the "
            "screen is covered instead. Anyone may pause or stop it there; your password brings "
            "all back."
        ),
        Say(
            "{lock} locks. So do the lock of the system, another user, and sleep. A recording that "
            "runs goes on and is sealed for you. Window titles and messages of the system never "
            "name a patient."
        ),
        Say(
            "The program documents. It does not diagnose, warn of interactions or advise on doses. "
            "What you sign is yours: read it."
        ),
    ),
)

CHAPTERS: Final = (
    FIRST, CONSENT, OFF_RECORD, REVIEW, MARKS, DICTATE, WORDS, COPY, EHR, TROUBLE, PRIVACY,
)  # fmt: skip
