"""The tool that fetches, places and checks models. It stands outside `app`, which fetches none."""
