"""The checks of a data passport: tables concerned, amber above and red from which share.

Each meaning begins with what is counted.
"""

from workbench.data.checks.beside import BESIDE
from workbench.data.checks.check import NEVER, Check

CHECKS = (
    Check(
        "quarantined receipt lines", "lines", 0.0, 0.02,
        "Receipt lines that could not be read: their sales are missing from every figure.",
        "Kept in quarantine with file, line and reason; deliver the corrected file again.",
    ),
    Check(
        "quarantined rows of other tables", "", 0.0, 0.05,
        "Rows of other tables that could not be read.",
        "Kept in quarantine with file, line and reason; deliver the corrected file again.",
    ),
    Check(
        "lines alike in every column", "lines", 0.01, 0.2,
        "Receipt lines that stand in their file more than once, letter by letter.",
        "Added up, as a till that prints each piece means it, unless the mapping says once.",
    ),
    Check(
        "receipts delivered twice", "lines", 0.001, 0.2,
        "Receipts of the same card, store, minute, amount and number of lines as another one.",
        "Counted as delivered; where a file came twice under new numbers, load it again without.",
    ),
    Check(
        "restated days", "lines", 0.0, NEVER,
        "Days whose receipts the newest load changed: reports of older data versions differ there.",
        "The later delivery counts; older versions keep theirs.",
    ),
    Check(
        "ids delivered twice", "", 0.0, 0.1,
        "Rows of products, customers, stores or campaigns whose id was delivered before.",
        "One row is kept for each id.",
    ),
    Check(
        "columns not mapped", "", 0.5, NEVER,
        "Columns of the files that no table takes in: no analysis can use them.",
        "Left in the files; the mapping may name them.",
    ),
    Check(
        "declared tables", "", 0.0, NEVER,
        "Tables that were assumed or made up, not observed.",
        "Named as declared wherever they show.",
    ),
    Check(
        "other retailers or currencies", "lines", 0.0, 0.5,
        "Receipt lines of stores of another retailer or currency: not in these figures.",
        "Left out, never added up; open_shop(retailer=..., currency=...) looks at them.",
    ),
    # What the receipts say of products.
    Check(
        "unknown products", "products, categories", 0.0, 0.05,
        "Receipt lines with a product the catalogue does not have: sales of no department.",
        "Kept as “(unknown)”, so totals still add up.",
    ),
    Check(
        "products without a category", "categories", 0.0, 0.2,
        "Receipt lines of known products without a category.",
        "Kept as “(unknown)” wherever a page shows categories.",
    ),
    Check(
        "no categories", "categories", 0.0, NEVER,
        "Receipt lines of a retailer whose products were delivered without any category.",
        "Analyses of a category say that there is none; map one to have them.",
    ),
    Check(
        "products never sold", "products", 0.5, NEVER,
        "Products of the catalogue that no receipt has.",
        "Left out of every measure of what is sold.",
    ),
    Check(
        "products of one description", "products", 0.05, NEVER,
        "Products whose description others have too: the name does not tell the item.",
        "Items are shown with their number beside the description.",
    ),
    Check(
        "own label unknown", "products", 0.05, NEVER,
        "Products sold of which nobody said whether they are the retailer's own label.",
        "Counted as brands of others by every measure of own label.",
    ),
    Check(
        "units that are not merchandise", "lines", 0.05, NEVER,
        "Units of fuel, postage and fees: counted in other units, they drown the rest.",
        "Kept in money; no measure counts units of them.",
    ),
    # Amounts.
    Check(
        "quantity zero", "lines", 0.0, 0.2,
        "Receipt lines with quantity zero: deposits, corrections, or items sold by a code.",
        "Counted in sales, harmless in units.",
    ),
    Check(
        "sales zero", "lines", 0.0, 0.2,
        "Receipt lines with sales of zero: given away, or paid wholly by discounts.",
        "Counted as bought: a customer who took one is a buyer.",
    ),
    Check(
        "negative sales", "lines", 0.02, 0.6,
        "Receipt lines with negative sales: returns and cancellations.",
        "Taken off before anybody is classified.",
    ),
    Check(
        "wrong signs", "lines", 0.0, 0.02,
        "Receipt lines that bring money for goods given back, or the reverse.",
        "Added as delivered; a mapping with the sign of quantity turned is the usual cause.",
    ),
    Check(
        "receipts that only bring back", "lines", 0.02, 0.6,
        "Receipts on which nothing was bought.",
        "Their amounts are taken off; they are no visit and no basket.",
    ),
    Check(
        "returns without a purchase", "lines", 0.1, NEVER,
        "Products brought back by a customer whose purchase is not in the data.",
        "Taken off all the same, so a customer's sales may be negative.",
    ),
    Check(
        "extreme prices", "lines", 0.0005, 0.05,
        "Receipt lines at sixteen times their product's usual price or more.",
        "Kept as delivered; look at the examples before a ranking by value.",
    ),
    Check(
        "free goods", "lines", 0.0, 0.1,
        "Receipt lines on which the maker's coupon exceeds the price.",
        "Sales are what the retailer took, makers' coupons included, so they stay positive.",
    ),
    Check(
        "discounts with the wrong sign", "lines", 0.0, 0.05,
        "Receipt lines sold with a discount below zero: a surcharge, or a sign turned.",
        "Taken as delivered; the mapping's sign: -1 turns a column.",
    ),
    Check(
        "extreme receipts", "lines", 0.005, 0.5,
        "Money on receipts over fifty times the average: wholesale, or a mistyped amount.",
        "Counted in full; compare with and without before trusting an average.",
    ),
    Check(
        "very long receipts", "lines", 0.0, NEVER,
        "Receipts with over twenty times the average number of lines: sums, or wholesale.",
        "Counted as one receipt each.",
    ),
    Check(
        "sales without a cost", "costs", 0.0, NEVER,
        "Receipt lines of products whose cost is unknown.",
        "The margin of everything they are part of is left empty, never guessed.",
    ),
    Check(
        "declared costs", "costs", 0.0, NEVER,
        "Products whose cost is an assumption.",
        "Said beside every margin.",
    ),
    Check(
        "sold below cost", "costs", 0.1, 0.5,
        "Receipt lines sold at a loss, of those whose cost is known.",
        "Kept; where there are many, costs and sales differ in tax or unit.",
    ),
    Check(
        "no card", "lines", 0.3, NEVER,
        "Receipt lines without a card: sales nobody can be credited with.",
        "Kept apart as Unlabelled in the worth of every segmentation.",
    ),
    Check(
        "customers without details", "customers", 0.2, NEVER,
        "Customers who bought and of whom nothing is known.",
        "Profiles by age and income state how many customers they rest on.",
    ),
    Check(
        "early customers", "lines", 0.3, NEVER,
        "Customers first seen in the first 30 days: new in the data is not new to the shop.",
        "“New” means new since the period before, never newly won.",
    ),
    Check(
        "customers seen on one day", "lines", 0.05, NEVER,
        "Customers seen on one day only: nothing can be said of their rhythm.",
        "They stay in every total and get the lowest frequency.",
    ),
    Check(
        "shared cards", "lines", 0.005, 0.5,
        "Money on cards that buy over fifty times the average: staff, or a card for everybody.",
        "Counted as one customer each; they head every ranking by value.",
    ),
    Check(
        "cards in many stores", "lines", 0.001, 0.05,
        "Days of a card in four or more stores: one card for several people.",
        "Counted as one customer each.",
    ),
    Check(
        "customers without consent", "", 0.0, NEVER,
        "Customers who bought and agreed to no marketing: nobody may write to them.",
        "No row means no.",
    ),
    # Days, hours and stores.
    Check(
        "days by another clock", "lines", 0.0, NEVER,
        "Receipt lines dated another day by the source's clock than by the shops'.",
        "Days, weeks and hours are the shops' own.",
    ),
    Check(
        "lines before the first day", "lines", 0.0, 0.05,
        "Receipt lines more than a year before all others: the error of a clock or a typist.",
        "Kept, and left out of every analysis.",
    ),
    Check(
        "lines after the last day", "lines", 0.0, 0.05,
        "Receipt lines after the last complete day: not complete yet, or dated in error.",
        "Left out of every analysis until their day is complete.",
    ),
    Check(
        "days without a receipt", "lines", 0.0, NEVER,
        "Days without a receipt: closed, or not delivered.",
        "Shown as gaps, never as zero.",
    ),
    Check(
        "days in a long gap", "lines", 0.0, 0.1,
        "Days of seven or more in a row without a receipt: most likely not delivered.",
        "Shown as gaps; choose a period, and one to compare, beside them.",
    ),
    Check(
        "half days", "lines", 0.0, 0.1,
        "Days with less than a third of their weekday's usual receipts: half delivered, or odd.",
        "Kept as delivered; they pull down the period they are in.",
    ),
    Check(
        "thin first weeks", "lines", 0.0, 0.5,
        "Days of the first weeks, before receipts come at half their usual number.",
        "Kept; begin a comparison after them.",
    ),
    Check(
        "thin last weeks", "lines", 0.0, 0.5,
        "Days of the last weeks, after receipts came at half their usual number.",
        "Kept; name the last complete day in the mapping where these are not complete.",
    ),
    Check(
        "days in a part of a week", "lines", 0.0, NEVER,
        "Days of a first or last week that the data cuts off.",
        "“Last n weeks” takes whole weeks, Monday to Sunday, only.",
    ),
    Check(
        "store days missing", "lines", 0.01, 0.2,
        "Days on which a busy store that is open on such a weekday has no receipt.",
        "Sales of its customers look lower; their store is not known to have been closed.",
    ),
    Check(
        "stores that fell silent", "lines", 0.01, NEVER,
        "Money taken by stores without a receipt in the last 28 days.",
        "Their customers look lost; compare stores that are open in both periods.",
    ),
    Check(
        "several channels", "lines", 0.0, NEVER,
        "Receipt lines of other channels than the largest, added to it in every total.",
        "shop.only(channel=...) looks at one of them.",
    ),
    Check(
        "no time of day", "lines", 0.05, NEVER,
        "Receipts at midnight sharp: their time of day was not delivered.",
        "Days and weeks are right; do not read the hours.",
    ),
    *BESIDE,
)  # fmt: skip
NAMED = {check.name: check for check in CHECKS}
