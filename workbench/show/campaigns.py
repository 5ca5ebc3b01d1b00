"""Sentences on campaigns: what a control group lets one see, and what a campaign achieved."""

from typing import Any

import polars as pl

from workbench.show import words


def say_power(curve: pl.DataFrame, control: float) -> str:
    """Say which effects a control group lets one see: the size nearest to a share of customers.

    `curve`: one row per size, with control_share, control, target, seen_amount, seen_share.
    """
    if curve.is_empty():
        return "Too few customers, or too little spend before: no effect can be told from chance"
    near = curve.sort((pl.col("control_share") - control).abs()).row(0, named=True)
    groups = f"{words.count(near['control'])} customers in the control group"
    groups += f" and {words.count(near['target'])} in the target group"
    seen = f"{words.money(near['seen_amount'])} per customer"
    share = words.share(near["seen_share"])
    return f"With {groups} you can see effects above {seen}, {share} of what they spend"


def say_result(campaign: str, told: pl.DataFrame, *, by_lot: bool) -> str:
    """Say what a campaign changed, in words that hold: its sales, and whether they can be told.

    `told`: one row per offer and outcome, with uplift, low, high, total, smallest, placebo_low,
    placebo_high (null without any) and treated.
    """
    sales = told.filter(pl.col("outcome") == "sales").rows(named=True)
    return f"Campaign {campaign}: {_each(sales, [_said(row, by_lot=by_lot) for row in sales])}"


def say_naive(effects: pl.DataFrame) -> str:
    """Say how far the plain comparison of sales is from the one to rest on.

    `effects`: one row per offer, outcome and method, the plain difference first; `used` marks
    the one to rest on.
    """
    sales = effects.filter(pl.col("outcome") == "sales")
    plain = sales.unique("offer", keep="first", maintain_order=True).rows(named=True)
    used = sales.filter("used").rows(named=True)
    return _each(plain, [_apart(one, other) for one, other in zip(plain, used, strict=True)])


def say_placebos(windows: pl.DataFrame) -> str:
    """Say how many placebo windows show an effect that cannot be there.

    `windows`: one row per window, with placebo (whether it is one), low and high.
    """
    tried = windows.filter("placebo")
    if tried.is_empty():
        return "The data has no earlier weeks to try the method on"
    found = tried.filter((pl.col("low") > 0) | (pl.col("high") < 0)).height
    shown = words.count(found) if found else "none"
    return f"Of {words.some(tried.height, 'placebo')}, {shown} would pass for an effect"


def say_memory(campaigns: pl.DataFrame) -> str:
    """Say how many campaigns there are, could be measured, and can be told from none.

    `campaigns`: one row per campaign and offer, with campaign, uplift, verdict, placebos and
    placebos_found.
    """
    known = campaigns.drop_nulls("uplift")
    sure = known.filter(pl.col("verdict").str.contains("than without"))
    every, measured, surely = (part["campaign"].n_unique() for part in (campaigns, known, sure))
    tried, found = (int(campaigns[name].sum()) for name in ("placebos", "placebos_found"))
    said = f"Of {words.some(every, 'campaign')} {words.count(measured)} can be measured"
    said += (
        f", and {words.count(surely) if surely else 'none'} of them can be told from no campaign"
    )
    if not tried:
        return said
    shown = words.share(found / tried)
    return f"{said}; the same method finds an effect in {shown} of placebo windows"


def _each(rows: list[dict[str, Any]], said: list[str]) -> str:
    """Return what is said of each offer, with its name where there are several."""
    if len(rows) == 1:
        return said[0]
    return "; ".join(f"{row['offer']}, {text}" for row, text in zip(rows, said, strict=True))


def _apart(plain: dict[str, Any], used: dict[str, Any]) -> str:
    if plain["uplift"] is None or used["uplift"] is None:
        return "too few customers to compare"
    figures = (words.gain(row["uplift"], decimals=0) for row in (plain, used))
    first, second = figures
    return f"{plain['method']} {first} per target, the figure to rest on {second}"


def _said(row: dict[str, Any], *, by_lot: bool) -> str:
    if row["uplift"] is None:
        return "too few customers to tell what it changed"
    each = words.money(abs(row["uplift"]), decimals=0)
    more = f"{each} {'more' if row['uplift'] >= 0 else 'less'} each ({_span(row)})"
    than = "than those left out by lot" if by_lot else "than others of the same past"
    said = f"its {words.some(row['treated'], 'customer')} spent {more} {than}"
    if row["verdict"].endswith("than without it"):
        return f"{said}: surely {row['verdict']}, {words.gain(row['total'], decimals=0)} in all"
    if by_lot:
        return f"{said}: no effect that is sure; one of {_seen(row)} each would have shown"
    if row["placebo_low"] is None:
        return f"{said}; whether that is its doing cannot be told, for want of earlier weeks"
    low, high = (words.gain(row[f"placebo_{end}"], decimals=0) for end in ("low", "high"))
    shown = low if low == high else f"{low} to {high}"
    return f"{said}. That cannot be told from no campaign: earlier weeks without it show {shown}"


def _span(row: dict[str, Any]) -> str:
    return " to ".join(words.gain(row[end], decimals=0) for end in ("low", "high"))


def _seen(row: dict[str, Any]) -> str:
    return words.money(row["smallest"], decimals=0)
