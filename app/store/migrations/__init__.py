"""Schema steps, one module each: `m<NNN>_<title>`. A released step never changes."""
