"""From a transcript to a draft, and from a draft to findings. Pure: no threads, no waiting."""
