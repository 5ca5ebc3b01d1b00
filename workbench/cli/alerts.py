"""The command about alerts: fire what is due, close what is over, mark what was done."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.common import complain, end
from workbench.run import WrongUsage

if TYPE_CHECKING:
    from workbench.campaigns.alerts.rules import Rule
    from workbench.data import Shop


def alerts(
    rule: Annotated[
        list[str] | None, typer.Argument(help="Names of rules; all where none is given.")
    ] = None,
    mark: Annotated[
        str | None, typer.Option(help="Mark all open alerts of the rules: seen or acted.")
    ] = None,
    expected: Annotated[
        str | None,
        typer.Option(help="Day up to which data should be there. [default: the last receipts']"),
    ] = None,
) -> None:
    """Write the alerts that are due into the journal, and close those that are over."""
    from workbench.campaigns.alerts.rules import names, read_rule
    from workbench.campaigns.alerts.states import offer
    from workbench.data import open_shop

    if mark and not rule:
        raise WrongUsage("say which rule's alerts are marked: workbench alerts RULE --mark acted")
    if mark not in (None, "seen", "acted"):
        raise WrongUsage(f"alerts cannot be marked as {mark!r}; allowed: seen, acted")
    shop, asked = open_shop(), [read_rule(name) for name in rule or names()]
    day = dt.date.fromisoformat(expected) if expected else None
    print(f"{shop.retailer}: data {shop.version}, complete to {shop.last_day}")
    if mark:
        for each in asked:
            print(f"{each.key}: {offer(shop, each, mark).do()}")
        return
    done = [_fired(shop, each, day) for each in asked]
    end(all(done))


def _fired(shop: "Shop", rule: "Rule", expected: dt.date | None) -> bool:
    """Fire and close one rule's alerts and print how many; return whether that could be done."""
    from workbench.campaigns.alerts.listed import CONTROL
    from workbench.campaigns.alerts.states import close, fire

    try:
        closed, found = close(shop, rule), fire(shop, rule, expected=expected)
    except ValueError as error:
        complain(f"{rule.key}: {error}")
        return False
    held = found.alerts.filter(grp=CONTROL).height
    told = f"{found.alerts.height:,} new, {held:,} of them held back; {closed:,} closed"
    print(f"{rule.key}: {found.note or told}")
    return True
