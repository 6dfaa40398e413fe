"""The recorder child: microphone or file, journal, tee. It loads no model and knows no secret."""
