"""Sentences on campaigns: what a control group lets one see, and what a campaign achieved."""

import polars as pl

from workbench.show import words


def say_power(curve: pl.DataFrame, control: float) -> str:
    """Say which effects a control group lets one see: the size nearest to a share of customers.

    `curve`: one row per size, with control_share, control, target, seen_amount, seen_share.
    """
    if curve.is_empty():
        return "Too few customers for a control group: no effect can be seen"
    near = curve.sort((pl.col("control_share") - control).abs()).row(0, named=True)
    groups = f"{words.count(near['control'])} customers in the control group"
    groups += f" and {words.count(near['target'])} in the target group"
    seen = f"{words.money(near['seen_amount'])} per customer"
    share = words.share(near["seen_share"])
    return f"With {groups} you can see effects above {seen}, {share} of what they spend"
