"""SQLCipher: one vault per clinician, one organization database. Above here nobody knows SQL."""
