"""Whose voice is it: sound to a point of 192 numbers, by CAM++. On the model's thread.

Two points of one voice lie close (their product is near 0.7 and more), of two voices far (near
0.3): measured on two OSCE recordings. A voiceprint is biometric data: it is made here, goes to the
app in one frame, and is kept in the vault alone.
"""

from __future__ import annotations

from typing import Final

import kaldi_native_fbank as knf  # type: ignore[import-untyped]  # its stubs carry no mark
import numpy as np

from app.domain.audio import SAMPLE_RATE
from app.engine_host.listening import Audio
from app.engine_host.voice_groups import SAME_VOICE, grouped, unit
from app.engine_host.voice_runtime import FRAME, VoiceActivity, VoiceNetwork

LEAST_SPEECH: Final = 10 * SAMPLE_RATE
"""Samples of speech that a voiceprint is made of at least; SPEECH.md section 6 asks for 30 s."""
PIECE: Final = 3 * SAMPLE_RATE // 2
"""1.5 s: equal error rate 0.2 % on clean read speech, against 1.4 % at 1 s (SPEECH.md)."""
POINT: Final = 192
_BINS: Final = 80
_LOUDNESS: Final = 0.05
"""All sound is brought to this root mean square, so that a quiet microphone is no other voice: at
a twentieth of the level the points of one piece agreed to 0.88 only, now to 0.99."""
_QUIET: Final = 1e-4  # -80 dBFS: what is below holds no voice
_LEAST: Final = SAMPLE_RATE // 10  # shorter sound is repeated
_HUSH: Final = 5.0
"""Frames so much (in natural logarithm of energy: 22 dB) below the loud ones are left out: pauses
between words are no voice. Without enrolment 98 instead of 97 % of the words of the OSCE clips had
the right speaker, with it no fewer."""
_FEWEST_FRAMES: Final = 20
_SPEECH: Final = 0.5  # probability
_SECOND_VOICE: Final = 0.15
"""Part of the pieces that another voice needs to be noticed."""


class Voiceprints:
    """Turns sound into points.

    Args:
        model_bytes: CAM++ as ONNX, already held against its hash.
        threads: how many the network may use.
    """

    def __init__(self, model_bytes: bytes, threads: int = 1) -> None:
        self._network = VoiceNetwork(model_bytes, threads)
        options = knf.FbankOptions()
        options.frame_opts.dither = 0
        options.frame_opts.samp_freq = SAMPLE_RATE
        options.frame_opts.snip_edges = True
        options.mel_opts.num_bins = _BINS
        self._options = options

    def embed(self, pcm: Audio) -> Audio:
        """Return the point of one piece of sound.

        Args:
            pcm: mono float32 at 16 kHz, shape (n,), n >= 1; 0.5 s and more say something.

        Returns:
            float32, shape (192,), length 1.

        Raises:
            ValueError: no sound.
        """
        if not len(pcm):
            raise ValueError(0)
        return unit(self._network.points(self._features(pcm)[None])[0])

    def learn(self, pcm: Audio) -> bytes:
        """Return the voiceprint of the one person who speaks: float32 little-endian.

        Args:
            pcm: mono float32 at 16 kHz, shape (n,); pauses may be in it.

        Returns:
            Nothing (b"") when there are less than 10 s of speech, or two voices.
        """
        speech = _speech(pcm)
        if len(speech) < LEAST_SPEECH:
            return b""
        starts = range(0, len(speech) - PIECE + 1, PIECE)
        points = np.stack([self.embed(speech[each : each + PIECE]) for each in starts])
        if _is_mixed(points):
            return b""
        return unit(points.mean(axis=0)).astype("<f4").tobytes()

    def _features(self, pcm: Audio) -> Audio:
        """Return log mel energies without pauses, less their mean, shape (80, frames)."""
        pcm = np.tile(pcm, -(-_LEAST // len(pcm))) if len(pcm) < _LEAST else pcm
        gain = _LOUDNESS / max(_QUIET, float(np.sqrt(np.mean(np.square(pcm)))))
        bank = knf.OnlineFbank(self._options)
        bank.accept_waveform(SAMPLE_RATE, (pcm * gain).tolist())
        bank.input_finished()
        frames = np.stack([bank.get_frame(i) for i in range(bank.num_frames_ready)])
        energy = frames.mean(axis=1)
        loud = energy > np.quantile(energy, 0.9) - _HUSH
        frames = frames[loud] if loud.sum() >= _FEWEST_FRAMES else frames
        return np.ascontiguousarray((frames - frames.mean(axis=0)).T, np.float32)


def _speech(pcm: Audio) -> Audio:
    """Return the frames that hold speech, one after the other."""
    pcm = pcm[: len(pcm) // FRAME * FRAME]
    chances = VoiceActivity().probabilities(pcm)
    frames = pcm.reshape(-1, FRAME)
    found: Audio = frames[np.array(chances, np.float32) >= _SPEECH].reshape(-1)
    return found


def _is_mixed(points: Audio) -> bool:
    """Whether the pieces are of two people: two groups, both large, and far apart."""
    labels, centers = grouped(points, np.ones(len(points), np.float32), 2)
    share = min(np.mean(labels == 0), np.mean(labels == 1))
    return len(centers) > 1 and bool(
        share >= _SECOND_VOICE and centers[0] @ centers[1] < SAME_VOICE
    )
