"""PubMed's query language: text to tree, with diagnostics, and back to text."""

from resartus.search.language.ast import Chain, LineRef, Node, Operator, Range, Tag, Term
from resartus.search.language.diagnostics import Diagnostic, Severity
from resartus.search.language.fields import Field, field_by_tag
from resartus.search.language.parser import parse_query
from resartus.search.language.render import Style, render_query
from resartus.search.language.strategy import Line, ParsedQuery

__all__ = [
    "Chain",
    "Diagnostic",
    "Field",
    "Line",
    "LineRef",
    "Node",
    "Operator",
    "ParsedQuery",
    "Range",
    "Severity",
    "Style",
    "Tag",
    "Term",
    "field_by_tag",
    "parse_query",
    "render_query",
]
