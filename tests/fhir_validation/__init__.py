"""Three independent FHIR R4 validators and our house rules, for exports (EXPORT.md 9)."""
