"""What must hold of the dashboards, made to be run by tests."""
