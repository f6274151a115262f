"""Which routes there are, and which methods each of them has."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

ADMIN = "admin/"
UNLISTED_METHODS = {"api/schema/": {"get"}, "api/docs/": {"get"}, "healthz": {"get"}, "readyz": {"get"}}


def routes() -> Iterator[tuple[str, URLPattern]]:
    def below(prefix: str, patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, URLPattern]]:
        for one in patterns:
            route = prefix + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from below(route, one.url_patterns)
            else:
                yield route, one

    yield from below("", get_resolver().url_patterns)


def own_routes() -> dict[str, URLPattern]:
    """Without the console's."""
    return {route: pattern for route, pattern in routes() if not route.startswith(ADMIN)}


def methods(route: str, pattern: URLPattern) -> set[str]:
    """What a class-based view has a method for; of any other only that it can be read is known."""
    if route in UNLISTED_METHODS:
        return UNLISTED_METHODS[route]
    view = view_class(pattern)
    if view is None:
        return {"get"}
    return {name for name in view.http_method_names if hasattr(view, name)} - {"head", "options"} or {"get"}


def view_class(pattern: URLPattern) -> type | None:
    return getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
