"""Draws panels from the results of their queries, without Grafana."""
