"""Assortment: brands, ranges, prices and areas, and what may be told to suppliers."""
