"""Yule turns a question about users into a ranked, calibrated list of users."""

__version__ = "0.1.0"
