"""What the content security policy forbids, and what would reach out of the house, found before a browser does."""

import re
from collections.abc import Iterable

BANNED = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\b(?:src=|type=\"application/json\"))[^>]*>", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\s(?:on[a-z]+|hx-on[:\w-]*)\s*=", re.IGNORECASE),
    "a script address": re.compile(r"[\"']\s*javascript:", re.IGNORECASE),
    "a foreign source": re.compile(r"\b(?:src|srcset|action|poster)\s*=\s*[\"']?\s*(?:https?:)?//", re.IGNORECASE),
    "a foreign stylesheet": re.compile(r"<link\b[^>]*\bhref\s*=\s*[\"']?\s*(?:https?:)?//", re.IGNORECASE),
    "unescaped text": re.compile(r"\|\s*safe\b|\{%\s*autoescape\s+off"),
}
_COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?\{%\s*endcomment\s*%\}", re.DOTALL)


def forbidden(texts: Iterable[tuple[str, str]]) -> list[str]:
    return [
        f"{place}: {what}"
        for place, text in texts
        for what, pattern in BANNED.items()
        if pattern.search(_COMMENT.sub("", text))
    ]
