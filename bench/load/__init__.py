"""The load harness: gateways side by side before one scripted upstream, on one machine, in one run."""
