"""`manage.py bench WHAT`: figures with machine facts, each beside its ceiling of the same run."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.bench import api, live, pages, planner, servers


class Command(BaseCommand):
    help = "Measure one part of Heddle in a database of its own; see docs/benchmarks.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["planner", "live", "pages", "api", "servers"])
        parser.add_argument("--quick", action="store_true", help="few calls on the lab pool: does it run at all?")
        parser.add_argument("--parts", default=",".join(planner.PARTS), help=f"some of {', '.join(planner.PARTS)}")
        parser.add_argument("--pools", help="some of lab, pod, scale")
        parser.add_argument("--sizes", help="reservations in a pool, such as 0,10000,100000")
        parser.add_argument("--runs", type=int, help="how often everything is measured")
        parser.add_argument("--seed", type=int, default=planner.SEED)
        parser.add_argument("--browsers", type=int, help=f"live: how many listen, {live.BROWSERS:,} unless said")

    def handle(self, *args: Any, **options: Any) -> None:
        measures = {
            "planner": self._planner,
            "live": self._live,
            "pages": self._pages,
            "api": self._api,
            "servers": self._servers,
        }
        measures[options["what"]](options)

    def _planner(self, options: dict[str, Any]) -> None:
        plan = planner.QUICK if options["quick"] else planner.FULL
        planner.run(
            plan=plan.but(
                parts=options["parts"].split(","),
                pools=options["pools"] and options["pools"].split(","),
                sizes=_numbers(options["sizes"]),
                runs=options["runs"],
                seed=options["seed"],
            ),
            say=self.stdout.write,
        )

    def _live(self, options: dict[str, Any]) -> None:
        effort = dict(live.QUICK) if options["quick"] else {}
        effort |= {name: options[of] for name, of in (("browsers", "browsers"), ("rounds", "runs")) if options[of]}
        if not live.run(say=self.stdout.write, **effort):
            raise CommandError("somebody lost an entry, or was told one twice")

    def _pages(self, options: dict[str, Any]) -> None:
        pages.run(say=self.stdout.write, effort=pages.QUICK if options["quick"] else pages.FULL)

    def _api(self, options: dict[str, Any]) -> None:
        effort = api.QUICK if options["quick"] else api.FULL
        api.run(
            say=self.stdout.write,
            effort=effort.but(pool=options["pools"], sizes=_numbers(options["sizes"]), runs=options["runs"]),
        )

    def _servers(self, options: dict[str, Any]) -> None:
        servers.run(say=self.stdout.write, effort=servers.QUICK if options["quick"] else servers.FULL)


def _numbers(text: str | None) -> list[int] | None:
    return [int(number) for number in text.split(",")] if text else None
