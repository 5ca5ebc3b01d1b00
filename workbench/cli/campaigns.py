"""Commands about campaigns: list, check, draw the groups, export, send, unsubscribe."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.common import complain, end

if TYPE_CHECKING:
    import polars as pl

    from workbench.campaigns.audiences.audience import Audience
    from workbench.campaigns.plans.plan import Campaign
    from workbench.data import Shop

app = typer.Typer(
    help="Campaigns: list and check their files, draw groups, export, send.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(help="Name of the campaign's file, without .yaml.")]


@app.command("list")
def list_() -> None:
    """List the campaigns, and what cannot be read."""
    from workbench.campaigns.plans import plan

    bad = 0
    for slug in plan.names():
        try:
            found = plan.read(slug)
            print(f"{slug}: {found.mechanic}, {found.days}, {found.channel}, owner {found.owner}")
        except ValueError as error:
            complain(error)
            bad += 1
    end(not bad)


@app.command()
def check(name: Name) -> None:
    """Check a campaign against the newest data: products, stock, margin, consent, overlap."""
    from workbench.campaigns.plans.checks import check_plan
    from workbench.campaigns.plans.propose import learn
    from workbench.campaigns.plans.totals import forecast_of, totals

    shop, campaign = _opened(name)
    found = _audience(shop, campaign)
    forecasts = forecast_of(shop, campaign, learn(shop, str(campaign.days)), found.customers)
    expects = totals(shop, campaign, forecasts, found.customers.height).expects
    checked = check_plan(shop, campaign, found, forecasts, expects)
    for row in checked.iter_rows(named=True):
        print(f"{row['status']:5}  {row['check']}: {row['meaning']}")
    end("red" not in checked["status"].to_list())


@app.command()
def draw(name: Name) -> None:
    """Draw the groups of a campaign by lot and store them, once and for good."""
    from workbench.campaigns.audiences.audience import draw as offer

    shop, campaign = _opened(name)
    print(offer(shop, campaign, _audience(shop, campaign)).do())


@app.command()
def export(
    name: Name,
    recipient: Annotated[
        str, typer.Option(help="Who gets it: in-house, or an agency, which gets pseudonyms.")
    ] = "in-house",
) -> None:
    """Write the addressed customers as CSV and Excel, and log it."""
    from workbench.campaigns.audiences.export import export as offer

    shop, campaign = _opened(name)
    excluded = _excluded(shop, campaign)
    print(offer(shop, campaign, recipient=recipient, excluded=excluded).do())


@app.command()
def send(
    name: Name,
    live: Annotated[
        bool, typer.Option("--live", help="Really send; without it, files are written.")
    ] = False,
) -> None:
    """Send the e-mails of a campaign, each once; a dry run unless --live is given."""
    from workbench.campaigns.audiences.send import send as deliver

    shop, campaign = _opened(name)
    sent = deliver(shop, campaign, excluded=_excluded(shop, campaign), live=live)
    print(f"{'' if live else 'dry run: '}{sent}")


@app.command()
def unsubscribe(
    token: Annotated[str, typer.Argument(help="The token in the subject of their answer.")],
    channel: Annotated[str, typer.Option(help="Channel that they want no more.")] = "email",
) -> None:
    """Note that somebody wants no more messages."""
    from workbench.campaigns.audiences.send import unsubscribe as note
    from workbench.data import open_shop

    print(note(open_shop(), token, channel=channel))


def _opened(name: str) -> tuple["Shop", "Campaign"]:
    from workbench.campaigns.plans import plan
    from workbench.data import open_shop

    return open_shop(), plan.read(name)


def _audience(shop: "Shop", campaign: "Campaign") -> "Audience":
    from workbench import segments
    from workbench.campaigns.audiences.audience import audience

    customers = segments.members(shop, campaign.period, campaign.segment)
    return audience(shop, campaign, customers, excluded=_excluded(shop, campaign))


def _excluded(shop: "Shop", campaign: "Campaign") -> "pl.DataFrame":
    from workbench import segments

    return segments.members(shop, campaign.period, *campaign.exclude)
