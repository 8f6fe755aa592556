"""The OpenAPI document as a page to read, without scripts and without other hosts."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from html import escape

from csserv.http.handler import Handler
from csserv.http.native.endpoint import BASE
from csserv.http.native.openapi import Json, document

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; }
code, pre { font: 0.9em ui-monospace, monospace; }
pre { overflow-x: auto; padding: .6rem; border: 1px solid #8886; border-radius: 6px; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 1rem; }
code { overflow-wrap: anywhere; }
td, th { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0; }
tr { border-bottom: 1px solid #8883; }
a { color: LinkText; }
"""


class OpenApiPage(Handler):
    """Serves the OpenAPI document as a page, without scripts and without other hosts."""

    address = f"{BASE}/"

    def get(self) -> None:
        """Send it."""
        digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"
        self.set_header("Content-Security-Policy", policy)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(page(document()))

    head = get


def page(plain: Json) -> str:
    """Write an OpenAPI document as a page of HTML."""
    schemas = plain["components"]["schemas"]
    body = [
        f"<h1>{escape(plain['info']['title'])} HTTP API</h1>",
        f"<p>{_marked(plain['info']['description'])}</p>",
        f'<p><a href="{BASE}/openapi.json">OpenAPI 3.1 document</a></p>',
        *(
            _shown_operation(path, method, one)
            for path, methods in plain["paths"].items()
            for method, one in methods.items()
        ),
        "<h1>Values</h1>",
        *(_shown_schema(name, schema) for name, schema in schemas.items()),
    ]
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>csserv HTTP API</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>"
    )


def _shown_operation(path: str, method: str, one: Json) -> str:
    title = f'<span class="method">{method.upper()}</span> <code>{escape(BASE + path)}</code>'
    parts = [f'<h2 id="{one["operationId"]}">{title}</h2>', f"<p>{_marked(one['summary'])}. "]
    parts.append(f"{_marked(one.get('description', ''))}</p>")
    if parameters := one.get("parameters"):
        rows = ((p["name"], _kind(p["schema"]), p.get("description", "")) for p in parameters)
        parts.append(_table(("parameter", "type", ""), rows))
    if body := one.get("requestBody"):
        kinds = (_content(media, content) for media, content in body["content"].items())
        parts.append(f"<p>Body: {', '.join(kinds)}</p>")
    good: list[tuple[str, str, str]] = []
    errors: list[tuple[str, str, str]] = []
    for status, answer in one["responses"].items():
        media = ", ".join(_content(name, one) for name, one in answer["content"].items())
        (good if status < "400" else errors).append((status, media, answer["description"]))
    parts.append(_table(("status", "answer", ""), good))
    parts.append(_table(("status", "error", ""), ((code, "", words) for code, _, words in errors)))
    return "".join(parts)


def _content(media: str, content: Json) -> str:
    kind = _kind(content["schema"]) if content.get("schema") else ""
    return f"<code>{escape(media)}</code> {kind}"


def _shown_schema(name: str, schema: Json) -> str:
    needed = schema.get("required", ())
    rows = (
        (f"{field}{'' if field in needed else '?'}", _kind(one), one.get("description", ""))
        for field, one in schema.get("properties", {}).items()
    )
    about = f"<p>{_marked(schema.get('description', ''))}</p>"
    values = ", ".join(f"<code>{escape(str(v))}</code>" for v in schema.get("enum", ()))
    head = f'<h2 id="schema-{name}">{escape(_short(name))}</h2>{about}{values}'
    return head + _table(("field", "type", ""), rows)


def _table(head: Iterable[str], rows: Iterable[tuple[str, str, str]]) -> str:
    """Write a table of rows: name, type (HTML already), and description."""
    lines = [
        f"<tr><td><code>{escape(name)}</code></td>{f'<td>{kind}</td>' if kind else ''}"
        f"<td{'' if kind else ' colspan=2'}>{_marked(text)}</td></tr>"
        for name, kind, text in rows
    ]
    titles = "".join(f"<th>{escape(text)}</th>" for text in head)
    return f"<table><tr>{titles}</tr>{''.join(lines)}</table>" if lines else ""


def _kind(schema: Json) -> str:
    """Write the type of a schema as HTML, with links to other schemas."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#schema-{name}">{escape(_short(name))}</a>'
    if choices := schema.get("anyOf"):
        return " or ".join(dict.fromkeys(map(_kind, choices)))
    if "const" in schema or "enum" in schema:
        return escape(", ".join(map(str, schema.get("enum", [schema.get("const")]))))
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}" if "items" in schema else "list"
    return escape(str(schema.get("format") or schema.get("type", "any")))


def _short(name: str) -> str:
    return name.removesuffix("Model")


def _marked(text: str) -> str:
    """Write a text as HTML, with code for what stands in backquotes."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
