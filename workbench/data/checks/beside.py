"""The checks of the tables beside the receipts: campaigns, promotions, coupons, stock."""

from workbench.data.checks.check import NEVER, Check

BESIDE = (
    Check(
        "promotions merged", "promotions", 0.0, 0.05,
        "Promotion rows of the same product, store and week with another place.",
        "Merged into one row, the more prominent place kept.",
    ),
    Check(
        "promotions of unknown products", "promotions", 0.0, 0.2,
        "Products promoted that the catalogue does not have.",
        "Kept; they belong to no category.",
    ),
    Check(
        "coupons merged", "coupons", 0.0, 0.2,
        "Coupon rows of the same campaign, coupon and product as another.",
        "Merged into one row.",
    ),
    Check(
        "coupons of several campaigns", "coupons", 0.0, NEVER,
        "Coupons in several campaigns: a redemption does not say which one it answers.",
        "Redemptions are counted under the campaign they name.",
    ),
    Check(
        "widest coupon", "coupons", 0.01, NEVER,
        "Products the widest coupon is good for: a voucher for almost anything, not an offer.",
        "Kept as delivered; no measure takes it for an offer of a product.",
    ),
    Check(
        "redemptions without an address", "redemptions", 0.0, 0.2,
        "Redemptions by customers their campaign was not addressed to.",
        "Counted for the campaign they name, never as an answer of those addressed.",
    ),
    Check(
        "campaigns cut off", "campaigns", 0.0, NEVER,
        "Campaigns that, or as many days before them, lie partly outside the data.",
        "Conversion counts only campaigns wholly inside the period looked at.",
    ),
    Check(
        "stock weeks missing", "stock", 0.0, NEVER,
        "Whole weeks of the data without a count of stock.",
        "Nothing is said of availability in them.",
    ),
)  # fmt: skip
