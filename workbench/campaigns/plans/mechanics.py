"""Mechanics: the kinds of offer there are, and what each costs whoever pays for it.

Every mechanic states its cost as a formula over what the offer reaches. The cost is the whole
discount given, before it is shared between payers; what a shopper would have bought anyway is
part of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from workbench.kinds import Int, Number

Terms = Mapping[str, float]
_SHARE, _MONEY = Number(0.01, 0.95), Number(0.01, 1000)


@dataclass(frozen=True)
class Reach:
    """What an offer is expected to reach, in one currency.

    `units` sold under it, their shelf `price` each, the `users` (customers who use it) and the
    `orders` on which they do.
    """

    units: float
    price: float
    users: float
    orders: float


@dataclass(frozen=True)
class Mechanic:
    """A kind of offer: its meaning, its cost as a formula in words, and the terms it needs.

    `given` is that formula; `depth` is the share of the shelf price that a shopper sees taken
    off; `usual` makes terms from a share of the price, and the price. Everybody who buys gets the
    offer, or, `personal`, only who uses a voucher or gift of their own.
    """

    meaning: str
    cost: str
    terms: Mapping[str, Number | Int]
    given: Callable[[Terms, Reach], float]
    depth: Callable[[Terms], float]
    usual: Callable[[float, float], dict[str, float]]
    personal: bool = False

    def check(self, terms: object) -> dict[str, float]:
        """Return the terms as numbers within their bounds, or raise ValueError."""
        needed = ", ".join(self.terms) or "none"
        if not isinstance(terms, Mapping) or set(terms) != set(self.terms):
            raise ValueError(f"terms {terms!r} are not the ones needed: {needed}")
        try:
            found = {name: kind.parse(terms[name]) for name, kind in self.terms.items()}
        except ValueError as error:
            raise ValueError(f"terms: {error}") from None
        if found.get("pay", 0) >= found.get("take", 1):
            raise ValueError("pay is not less than take; nothing would be given")
        return found


def _off(meaning: str) -> Mechanic:
    return Mechanic(
        meaning,
        "units sold x shelf price x discount",
        {"discount": _SHARE},
        lambda terms, reach: reach.units * reach.price * terms["discount"],
        lambda terms: terms["discount"],
        lambda share, _: {"discount": share},
    )


def _voucher(meaning: str) -> Mechanic:
    return Mechanic(
        meaning,
        "customers who use it x shelf price x discount, one piece each",
        {"discount": _SHARE},
        lambda terms, reach: reach.users * reach.price * terms["discount"],
        lambda terms: terms["discount"],
        lambda share, _: {"discount": share},
        personal=True,
    )


def _extra(meaning: str, cost: str, term: str, times: Callable[[Reach], float]) -> Mechanic:
    return Mechanic(
        meaning,
        cost,
        {term: _MONEY},
        lambda terms, reach: times(reach) * terms[term],
        lambda _: 0.0,
        lambda share, price: {term: max(round(share * price, 2), 0.01)},
        personal=True,
    )


def _multi_buy(share: float, _: float) -> dict[str, float]:
    """Return the `take so many, pay one less` that comes nearest to a share of the price."""
    take = min(max(round(1 / share), 2), 10)
    return {"take": take, "pay": take - 1}


MECHANICS: dict[str, Mechanic] = {
    "price cut": _off("a lower price for as long as the campaign runs"),
    "multi-buy": Mechanic(
        "take three, pay two",
        "units sold x shelf price x pieces given / pieces taken: the most it can cost",
        {"take": Int(2, 10), "pay": Int(1, 9)},
        lambda terms, reach: reach.units * reach.price * (1 - terms["pay"] / terms["take"]),
        lambda terms: 1 - terms["pay"] / terms["take"],
        _multi_buy,
    ),
    "coupon": _voucher("an exclusive discount: money off one piece for who brings the coupon"),
    "bundle": _off("a lower price for several products bought together"),
    "flash sale": _off("a lower price for three days at most"),
    "free gift": _extra(
        "a gift with the purchase",
        "customers who use it x cost of gift",
        "gift",
        lambda reach: reach.users,
    ),
    "free shipping": _extra(
        "no postage", "orders that use it x postage", "postage", lambda reach: reach.orders
    ),
    "points": Mechanic(
        "points on the card for every amount spent",
        "sales at shelf price x worth of the points per amount spent x share ever redeemed",
        {"rate": _SHARE, "redeemed": _SHARE},
        lambda terms, reach: reach.units * reach.price * terms["rate"] * terms["redeemed"],
        lambda terms: terms["rate"],
        lambda share, _: {"rate": share, "redeemed": 0.8},
    ),
    "early access": Mechanic(
        "a privilege without a discount: to buy before everybody else",
        "nothing beside the messages",
        {},
        lambda _, __: 0.0,
        lambda _: 0.0,
        lambda _, __: {},
    ),
    "welcome": _voucher("money off for who is new"),
    "birthday": _voucher("money off around the birthday"),
    "thank-you": _voucher("money off as a thank-you, without asking for anything"),
    "repeat offer": _voucher("money off the next purchase, to bring a first one back"),
    "holiday": _off("a lower price for a holiday or event"),
    "cross-sell": _voucher("money off a product that goes with what they buy"),
    "up-sell": _off("a lower price for the better or larger product than the one they buy"),
}


def formulas() -> dict[str, str]:
    """Return each mechanic's meaning and its cost formula, as one sentence each."""
    return {name: f"{each.meaning}; costs {each.cost}" for name, each in MECHANICS.items()}
