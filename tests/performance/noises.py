"""Sound that nobody speaks in, made by script: the same seed gives the same samples.

Each maker returns float64 samples at 16 kHz, about -1 to 1 before the level is set. They are
drawn, not recorded: what a clinic sounds like, in the bands where speech is, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from app.domain.audio import SAMPLE_RATE

Sound = npt.NDArray[np.float64]
Draw = np.random.Generator
_MUSIC: Final = ((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14))  # C, A minor, F, G
_MIDDLE_C_HZ: Final = 261.63


def silence(seconds: float, draw: Draw) -> Sound:
    """Return digital zeros in one half, and the noise of a quiet converter in the other."""
    sound = np.zeros(_count(seconds))
    half = len(sound) // 2
    sound[half:] = draw.normal(0, 1, len(sound) - half)
    return sound


def pink(seconds: float, draw: Draw) -> Sound:
    """Return noise whose power falls with 1/f."""
    return _shaped(seconds, draw, lambda hz: 1 / np.sqrt(np.maximum(hz, 20)))


def fan(seconds: float, draw: Draw) -> Sound:
    """Return air noise with the beat of the blades, which drifts."""
    time = _time(seconds)
    beat_hz = 23 + 0.7 * np.sin(2 * np.pi * time / 17)
    beat = 1 + 0.35 * np.sin(2 * np.pi * np.cumsum(beat_hz) / SAMPLE_RATE)
    air = _shaped(seconds, draw, lambda hz: 1 / (1 + (hz / 350) ** 1.5))
    return air * beat


def hum(seconds: float, draw: Draw) -> Sound:
    """Return mains hum with harmonics: 50 Hz in one half, 60 Hz in the other."""
    time = _time(seconds)
    sound = np.zeros(len(time))
    half = len(time) // 2
    for part, base_hz in ((slice(0, half), 50.0), (slice(half, None), 60.0)):
        for order in range(1, 16):
            phase = draw.uniform(0, 2 * np.pi)
            sound[part] += np.sin(2 * np.pi * base_hz * order * time[part] + phase) / order**1.1
    return sound


def applause(seconds: float, draw: Draw) -> Sound:
    """Return a small audience: claps of 30 people that come and go."""
    clap = _burst(0.04, draw, decay_s=0.006, low_hz=700, high_hz=3_500)
    swell = 0.55 + 0.45 * np.sin(2 * np.pi * np.arange(_count(seconds)) / SAMPLE_RATE / 11)
    return _strewn(seconds, draw, clap, rate_hz=110) * swell


def keyboard(seconds: float, draw: Draw) -> Sound:
    """Return typing: a press and a softer release for each key, in runs with pauses."""
    key = _burst(0.03, draw, decay_s=0.004, low_hz=1_200, high_hz=6_000)
    release = np.concatenate([np.zeros(_count(0.07)), 0.4 * key])
    stroke = np.pad(key, (0, len(release) - len(key))) + release
    runs = np.repeat(draw.random(int(seconds / 2) + 1) < 0.7, 2 * SAMPLE_RATE)[: _count(seconds)]
    return _strewn(seconds, draw, stroke, rate_hz=6) * runs


def doors(seconds: float, draw: Draw) -> Sound:
    """Return slamming doors: a deep thump, a rattle, and the room's echo."""
    time = _time(0.9)
    thump = np.sin(2 * np.pi * 70 * time * np.exp(-2 * time)) * np.exp(-time / 0.12)
    rattle = _burst(0.9, draw, decay_s=0.08, low_hz=200, high_hz=2_500)
    return _strewn(seconds, draw, thump + 0.5 * rattle, rate_hz=0.3)


def paper(seconds: float, draw: Draw) -> Sound:
    """Return pages that are turned: rustles of many small crackles."""
    crackle = _burst(0.008, draw, decay_s=0.001, low_hz=1_500, high_hz=7_500)
    rustle = np.clip(np.sin(2 * np.pi * np.arange(_count(seconds)) / SAMPLE_RATE / 2.3), 0, 1)
    return np.asarray(_strewn(seconds, draw, crackle, rate_hz=350) * rustle**2, np.float64)


def breathing(seconds: float, draw: Draw) -> Sound:
    """Return somebody who breathes near the microphone, through formants of a throat."""

    def throat(hz: Sound) -> Sound:
        peaks = ((500, 150), (1_400, 250), (2_400, 350))
        bands = np.array([np.exp(-(((hz - at) / wide) ** 2)) for at, wide in peaks])
        total: Sound = bands.sum(axis=0)
        return total

    time = _time(seconds)
    cycle = np.mod(time + 0.2 * np.sin(time / 7), 3.8) / 3.8
    envelope = np.where(cycle < 0.4, np.sin(np.pi * cycle / 0.4), 0.0)
    envelope += np.where(
        (cycle > 0.5) & (cycle < 0.95), 0.7 * np.sin(np.pi * (cycle - 0.5) / 0.45), 0
    )
    return _shaped(seconds, draw, throat) * envelope


def music(seconds: float, draw: Draw) -> Sound:
    """Return a waiting room's radio: chords, a melody that is not sung, and a drum."""
    sound = np.zeros(_count(seconds) + SAMPLE_RATE)
    beat_s = 0.5
    drum = _burst(0.15, draw, decay_s=0.03, low_hz=60, high_hz=250)
    for beat in range(int(seconds / beat_s)):
        chord = _MUSIC[beat // 4 % len(_MUSIC)]
        tones = [(step - 12, 0.25) for step in chord] + [(int(draw.choice(chord)) + 12, 0.5)]
        begin = _count(beat * beat_s)
        for step, loudness in tones:
            note = loudness * _tone(_MIDDLE_C_HZ * 2 ** (step / 12), beat_s)
            sound[begin : begin + len(note)] += note
        if beat % 2 == 0:
            sound[begin : begin + len(drum)] += 0.6 * drum
    return sound[: _count(seconds)]


MAKERS: Final[dict[str, Callable[[float, Draw], Sound]]] = {
    "silence": silence,
    "fan": fan,
    "applause": applause,
    "keyboard": keyboard,
    "hum": hum,
    "music": music,
    "pink noise": pink,
    "door slams": doors,
    "breathing": breathing,
    "paper": paper,
}


def made(name: str, seconds: float, seed: int) -> npt.NDArray[np.int16]:
    """Return one kind of noise as 16 bit. Its level rises over its length from -55 to -15 dBFS.

    Silence stays at -90 dBFS where it is not zero.
    """
    sound = MAKERS[name](seconds, np.random.default_rng(seed))
    if name == "silence":
        return np.rint(np.clip(sound, -3, 3)).astype(np.int16)
    sound /= np.sqrt(np.mean(sound**2))
    level = 10 ** (np.linspace(-55, -15, len(sound)) / 20)
    return np.asarray(np.clip(sound * level, -1, 1) * 32_767, np.int16)


def _tone(hz: float, seconds: float) -> Sound:
    time = _time(seconds * 1.5)
    wave = sum((np.sin(2 * np.pi * hz * k * time) / k**2 for k in (1, 2, 3, 4)), start=np.zeros(1))
    return np.asarray(wave * np.minimum(1, time / 0.01) * np.exp(-3 * time), np.float64)


def _burst(seconds: float, draw: Draw, *, decay_s: float, low_hz: float, high_hz: float) -> Sound:
    noise = _shaped(seconds, draw, lambda hz: ((hz > low_hz) & (hz < high_hz)).astype(np.float64))
    return np.asarray(noise / np.abs(noise).max() * np.exp(-_time(seconds) / decay_s), np.float64)


def _strewn(seconds: float, draw: Draw, piece: Sound, *, rate_hz: float) -> Sound:
    """Return a piece at random moments, at random loudness."""
    count = _count(seconds)
    hits = np.zeros(count)
    at = draw.integers(0, count, max(1, draw.poisson(rate_hz * seconds)))
    np.add.at(hits, at, draw.uniform(0.3, 1.0, len(at)))
    size = count + len(piece)
    strewn = np.fft.irfft(np.fft.rfft(hits, size) * np.fft.rfft(piece, size), size)[:count]
    return np.asarray(strewn, np.float64)


def _shaped(seconds: float, draw: Draw, gain: Callable[[Sound], Sound]) -> Sound:
    """Return white noise through a filter, given as gain by frequency."""
    count = _count(seconds)
    spectrum = np.fft.rfft(draw.normal(0, 1, count))
    hz = np.asarray(np.fft.rfftfreq(count, 1 / SAMPLE_RATE), np.float64)
    return np.asarray(np.fft.irfft(spectrum * gain(hz), count), np.float64)


def _time(seconds: float) -> Sound:
    return np.arange(_count(seconds)) / SAMPLE_RATE


def _count(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)
