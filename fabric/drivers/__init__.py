"""One folder a driver, behind the contract of `base`. A driver imports no Django and raises only `base`'s errors."""
