"""What the documents show is run as it stands there, against the running product."""
