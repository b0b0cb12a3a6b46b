"""What a deployment costs at growing sizes: `python -m tools.bench`, written to docs/bench."""
