"""Rules that hold a claim against passages of the transcript, one per file.

Each rule is a function of a `Case` that returns findings. To add one, see ARCHITECTURE.md.
"""
