"""The data of a study: locked, bundled, merged, compared, as one table."""
