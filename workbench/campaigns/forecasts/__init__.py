"""Forecasts: what promoted products will sell, tried on weeks held out, and kept to be scored."""
