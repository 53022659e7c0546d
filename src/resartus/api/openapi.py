"""The OpenAPI 3.1 document, made from the table of endpoints."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from resartus import __version__
from resartus.api.endpoint import Endpoint

__all__ = ["openapi_document"]

_REF = "#/components/schemas/{name}"
_PLACE = re.compile(r"\{(\w+)\}")
_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["kind", "message", "where", "field"],
            "properties": {
                "kind": {"type": "string"},
                "message": {"type": "string"},
                "where": {"type": ["string", "null"]},
                "field": {"type": ["string", "null"]},
            },
        }
    },
}
_FAILURES = {
    "401": "No key came with the call, or it does not hold.",
    "403": "The caller's role does not allow it.",
    "404": "There is no such thing here.",
    "409": "Somebody else was faster, or the id is taken.",
    "422": "What was sent does not fit; the message says what, where, and what to do.",
    "429": "Too many calls; wait a little.",
    "502": "A source of records refused.",
    "503": "A source or the database gives no answer at present.",
}
# What may stand in an address, so that a made-up one is one line of plain text.
_PATH_TEXT = {"type": "string", "minLength": 1, "pattern": r"^[A-Za-z0-9._:@-]+$"}


_LATER: dict[str, Any] = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": "Put it in line and answer with the job (RFC 7240), on a team's server.",
    "schema": {"type": "string", "enum": ["respond-async"]},
}


def _parameters(endpoint: Endpoint, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _PATH_TEXT}
        for name in _PLACE.findall(endpoint.path)
    ]
    if endpoint.query is not None:
        [schema], parts = msgspec.json.schema_components([endpoint.query], ref_template=_REF)
        shape = parts.pop(schema["$ref"].rpartition("/")[2])
        schemas.update(parts)
        for name, part in shape["properties"].items():
            required = name in shape.get("required", ())
            found.append({"name": name, "in": "query", "required": required, "schema": part})
    if endpoint.is_long:
        found.append(_LATER)
    return found


def _in_line(endpoint: Endpoint) -> dict[str, Any]:
    """Return the answer of a call that was put in line."""
    if not endpoint.is_long:
        return {}
    job = {"application/json": {"schema": {"$ref": _REF.format(name="JobView")}}}
    where = {"description": "The job", "schema": {"type": "string"}}
    return {
        "202": {
            "description": "It is in line: look at the job until it is done.",
            "headers": {"Location": where},
            "content": job,
        }
    }


def _operation(
    endpoint: Endpoint, named: dict[int, dict[str, Any]], schemas: dict[str, Any]
) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": endpoint.summary}
    if endpoint.status != 204:
        answer["content"] = {
            kind: {"schema": named[id(endpoint.answer)] if endpoint.answer is not bytes else {}}
            for kind in endpoint.media_types
        }
    failures = {
        code: {
            "description": text,
            "content": {"application/json": {"schema": {"$ref": _REF.format(name="Error")}}},
        }
        for code, text in _FAILURES.items()
    }
    operation: dict[str, Any] = {
        "summary": endpoint.summary,
        "operationId": re.sub(r"\W+", "_", f"{endpoint.method.lower()}{endpoint.path}").strip("_"),
        "tags": [endpoint.work.__module__.rpartition(".")[2]],
        "parameters": _parameters(endpoint, schemas),
        "responses": {str(endpoint.status): answer, **_in_line(endpoint), **failures},
    }
    if endpoint.action is not None:
        operation["description"] = f"Takes a role that may {endpoint.action.value}."
    if endpoint.body is bytes:
        content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {"required": True, "content": content}
    elif endpoint.body is not None:
        content = {"application/json": {"schema": named[id(endpoint.body)]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def openapi_document(endpoints: Sequence[Endpoint], *, prefix: str) -> dict[str, Any]:
    """Return the document: every path, what it takes and gives, and how it fails."""
    types = [
        kind
        for endpoint in endpoints
        for kind in (endpoint.body, endpoint.answer)
        if kind not in (None, bytes)
    ]
    shapes, schemas = msgspec.json.schema_components(types, ref_template=_REF)
    named = {id(kind): shape for kind, shape in zip(types, shapes, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, named, schemas)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Resartus",
            "version": __version__,
            "summary": "Living evidence reviews for rare clinical questions",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": prefix}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {**schemas, "Error": _ERROR},
        },
    }
