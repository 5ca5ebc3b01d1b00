"""Offers: which categories and products fit some customers, and what past promotions brought."""

from workbench.campaigns.offers.options import OPTIONS

__all__ = ["OPTIONS"]
