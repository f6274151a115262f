"""The parts of a project's page; each has an address of its own."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from django.urls import reverse


class ProjectTab(StrEnum):
    OVERVIEW = "overview"
    PAST = "past"
    MEMBERS = "members"
    SERVICE_ACCOUNTS = "service-accounts"
    PRESETS = "presets"
    ACTIVITY = "activity"

    @property
    def template(self) -> str:
        return f"projects/_{self.value.replace('-', '_')}.html"

    @property
    def label(self) -> str:
        return "Now and next" if self is ProjectTab.OVERVIEW else self.value.replace("-", " ").capitalize()


@dataclass(frozen=True, slots=True)
class TabLink:
    label: str
    url: str
    is_current: bool


def tab_named(name: str) -> ProjectTab:
    """What is no tab is the first one."""
    return ProjectTab(name) if name in set(ProjectTab) else ProjectTab.OVERVIEW


def tab_links(slug: str, *, current: ProjectTab) -> tuple[TabLink, ...]:
    return tuple(TabLink(tab.label, tab_address(slug, tab), tab == current) for tab in ProjectTab)


def tab_address(slug: str, tab: ProjectTab, *, after: str | None = None) -> str:
    said = {} if tab is ProjectTab.OVERVIEW else {"tab": tab.value}
    query = urlencode(said | ({"after": after} if after else {}))
    path = reverse("web:project", args=[slug])
    return f"{path}?{query}" if query else path
