"""The order in which a grammar looks at the tokens that may come next."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.engine_host.llama_runtime import by_probability


@given(st.integers(0, 2**32 - 1), st.sampled_from((3, 40, 300, 2_000)), st.floats(0.01, 20.0))
def test_the_first_token_that_may_come_is_the_best_that_may(
    seed: int, size: int, spread: float
) -> None:
    draw = np.random.default_rng(seed)
    logits = (draw.standard_normal(size) * spread).astype(np.float32)
    may_come = draw.random(size) < 0.05
    may_come[draw.integers(size)] = True
    picked = next(
        int(group[may_come[group]][0]) for group in by_probability(logits) if may_come[group].any()
    )
    assert logits[picked] == logits[may_come].max()
