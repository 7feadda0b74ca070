"""Sites without a shared server: keys, signed bundles, merging them."""
