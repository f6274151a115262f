"""The main job with real processes: nothing is driven by hand but what people, kernels and brokers do."""
