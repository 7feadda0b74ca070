"""REDCap's longitudinal layout: what its columns are called, what they hold, and how a registry fills them."""
