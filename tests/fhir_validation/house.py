"""House rules H1 to H5 of EXPORT.md: what no validator looks for. No FHIR library involved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

LOINC = "http://loinc.org"
TEXT_TYPES = ("text/", "application/xml", "application/xhtml+xml")

Json = dict[str, Any]
Check = Callable[[Json], list[str]]


def house_rules(resource: Json) -> list[str]:
    """Return what is wrong, one line each; empty when all is well."""
    found = list(_h1_references(resource))
    for path, node in walk(resource):
        if isinstance(node, dict):
            found.extend(_h2_content_type(path, node))
            found.extend(_h3_provenance(path, node))
            if node.get("resourceType") == "Composition":
                found.extend(_h4_attester(path, node))
                found.extend(_h5_plan(path, node))
    return found


def walk(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every node of a JSON tree with its path."""
    yield path, node
    if isinstance(node, dict):
        for key, value in node.items():
            yield from walk(value, f"{path}.{key}" if path else key)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, f"{path}[{index}]")


def _h1_references(resource: Json) -> Iterator[str]:
    if resource.get("resourceType") != "Bundle" or resource.get("type") != "document":
        return
    urls = {each.get("fullUrl") for each in resource.get("entry", []) if isinstance(each, dict)}
    for path, node in walk(resource):
        to = node.get("reference") if isinstance(node, dict) else None
        if isinstance(to, str) and not to.startswith("#") and to not in urls:
            yield f"H1 {path}: {to} is not in the Bundle"


def _h2_content_type(path: str, node: Json) -> Iterator[str]:
    if not path.endswith("attachment"):
        return
    kind = str(node.get("contentType") or "")
    if not kind or (kind.startswith(TEXT_TYPES) and "charset=" not in kind):
        yield f"H2 {path}.contentType missing or without charset"


def _h3_provenance(path: str, node: Json) -> Iterator[str]:
    if node.get("resourceType") not in {"Composition", "DocumentReference"}:
        return
    labels = {each.get("code") for each in node.get("meta", {}).get("security", [])}
    if not labels & {"AIAST", "DICTAST", "CLINAST"}:
        yield f"H3 {path or 'root'}: no provenance label in meta.security"


def _h4_attester(path: str, node: Json) -> Iterator[str]:
    is_legal = any(each.get("mode") == "legal" for each in node.get("attester", []))
    if is_legal != (node.get("status") in {"final", "amended"}):
        yield f"H4 {path}: legal attester and status disagree"


def _h5_plan(path: str, node: Json) -> Iterator[str]:
    found = {code for each in node.get("section", []) for code in _loinc(each.get("code"))}
    if "51847-2" in found and found & {"51848-0", "18776-5"}:
        yield f"H5 {path}: combined and separate assessment/plan together"


def _loinc(concept: Any) -> set[Any]:
    codings = concept.get("coding", []) if isinstance(concept, dict) else []
    return {
        each.get("code")
        for each in codings
        if isinstance(each, dict) and each.get("system") == LOINC
    }
