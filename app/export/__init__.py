"""A signed note, or a draft with its banner, in other people's formats. Pure functions."""
