"""The workshop: paths, settings, threads, ciphers. No business, no Qt."""
