"""Runs on a cluster: submitted from any machine, driven from inside, followed and stopped from any machine."""
