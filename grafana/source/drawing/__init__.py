"""Draws panels from what their queries give, where there is no Grafana to take a picture of."""
